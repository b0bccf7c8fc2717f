"""Run the checks. Orders go on being paid meanwhile: what is found once is checked again before it is reported."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from scanforpay_django.models.slice_plans import slice_plans
from scanforpay_django.operations.audit import (
    archive_checks,
    delivery_checks,
    figure_checks,
    host_checks,
    ledger_checks,
    message_checks,
    order_checks,
    overdue_checks,
    payment_checks,
    secret_checks,
    state_checks,
)
from scanforpay_django.operations.audit.check import MOST, Check
from scanforpay_django.operations.audit.extent import Extent, all_rows, find_parts

ALL_CHECKS: tuple[Check, ...] = (
    *state_checks.STATE_CHECKS,
    *order_checks.ORDER_CHECKS,
    *payment_checks.PAYMENT_CHECKS,
    *overdue_checks.OVERDUE_CHECKS,
    *delivery_checks.DELIVERY_CHECKS,
    *message_checks.MESSAGE_CHECKS,
    *secret_checks.SECRET_CHECKS,
    *host_checks.HOST_CHECKS,
    *archive_checks.ARCHIVE_CHECKS,
    *figure_checks.FIGURE_CHECKS,
    *ledger_checks.LEDGER_CHECKS,
)
SECOND_LOOK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One row for which one check does not hold."""

    check: Check
    pk: int
    # the row, for people; no secret is in any
    row: str
    is_repaired: bool = False


def audit(
    *, repair: bool = False, checks: tuple[Check, ...] = ALL_CHECKS, extent: Extent | None = None
) -> Iterator[Broken]:
    """Everything that fails among the rows of ``extent``, or among all rows; repaired where that is safe and ``repair``
    is set. At most 1000 rows of a check are reported.
    """
    suspects = _find_suspects(checks, extent or all_rows())
    if any(suspects.values()):
        time.sleep(SECOND_LOOK_SECONDS)
    for check in checks:
        if suspects[check.code]:
            for row in check.find(check.rows.filter(pk__in=suspects[check.code])):
                is_repaired = repair and check.repair is not None and check.repair(row.pk)
                yield Broken(check=check, pk=row.pk, row=str(row), is_repaired=is_repaired)


def _find_suspects(checks: tuple[Check, ...], extent: Extent) -> dict[str, set[int]]:
    """Check -> keys of rows for which it does not hold at the first look."""
    suspects: dict[str, set[int]] = {check.code: set() for check in checks}
    for chosen, narrow in find_parts(extent, checks):
        with slice_plans():
            for check in chosen:
                found = suspects[check.code]
                if len(found) < MOST:
                    broken = check.find(narrow(check)).order_by()
                    found.update(broken.values_list("pk", flat=True)[: MOST - len(found)])
    return suspects
