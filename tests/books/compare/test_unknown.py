"""Payments of the bill that are not here."""

from datetime import date
from typing import Any

import pytest

from scanforpay_django.models import ArchivedNumber, Difference, WalletAccount
from scanforpay_django.models.derived_numbers import derive_out_trade_no, make_reference
from tests.books.platform_copy import Bill, Line, bring, differences, foreign_line
from tests.merchant import PARTNER_NO, STORE_NO

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def lost_line(order_no: str, **changes: Any) -> Line:
    """A payment that was made here, before the database was lost."""
    reference = make_reference(PARTNER_NO, STORE_NO, "p1", order_no)
    return foreign_line(
        "2026-11-27 10:00",
        out_trade_no=derive_out_trade_no(PARTNER_NO, "p1", 1),
        **{"attach": reference, **changes},
    )


def test_our_reference_tells_our_own(account: WalletAccount) -> None:
    bring(account, Bill(DAY).add(lost_line("S1"), foreign_line("2026-11-27 11:00")))
    assert differences() == ["27 unknown_order order: - / SUCCESS"]
    found = Difference.objects.get()
    assert (found.order_no, found.details["partner_order_no"]) == ("S1", "p1")


def test_a_reference_that_somebody_else_wrote_is_another_systems(account: WalletAccount) -> None:
    forged = lost_line("S1", attach=make_reference("1", "2", "3", "4")[:-1] + "x")
    day = bring(account, Bill(DAY).add(forged, lost_line("S2", attach="")))
    assert differences() == []
    assert day.foreign_totals["CNY"]["payments"] == 2


def test_where_no_other_system_uses_the_number_every_line_is_ours(account: WalletAccount) -> None:
    account.owns_merchant_number = True
    account.save()
    bring(account, Bill(DAY).add(foreign_line("2026-11-27 11:00")))
    assert differences() == ["27 unknown_order order: - / SUCCESS"]


def test_archived_payments_are_known(account: WalletAccount) -> None:
    line = lost_line("S1")
    ArchivedNumber.objects.create(
        partner=account.store.partner,
        kind=ArchivedNumber.Kind.PAYMENT,
        number=line.out_trade_no,
        order_no="S1",
        file_name="2026.zip",
    )
    day = bring(account, Bill(DAY).add(line, foreign_line("2026-11-27 11:00")))
    assert differences() == []
    assert day.foreign_totals["CNY"]["payments"] == 1
