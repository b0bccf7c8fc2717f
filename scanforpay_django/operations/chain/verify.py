"""Check the chain: its links, the rows that they are of, and its roots. Memory does not grow with the tables, and
everything may go on meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from scanforpay_django.models import ChainLink, ChainWriter
from scanforpay_django.models.keys_by_time import find_first_key
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.chain.check_links import check_links
from scanforpay_django.operations.chain.check_roots import check_roots
from scanforpay_django.operations.chain.check_rows import RowCheck
from scanforpay_django.operations.chain.covered import BY_KIND, COVERED
from scanforpay_django.operations.chain.finding import ChainFinding
from scanforpay_django.operations.chain.horizon import Horizon
from scanforpay_django.operations.chain.open_chain import decode
from scanforpay_django.operations.chain.segment_keys import Segment, is_true, read_segments

#: the worker links every few seconds
BEHIND = timedelta(hours=1)
#: last horizons that are looked at for one that is what was written
HORIZONS = 20


@dataclass
class ChainVerification:
    """One run of the verification, and what it has counted so far."""

    # look at what was linked and made since then; None: at everything
    since: datetime | None = None
    # known from outside: number and digest
    roots: Sequence[tuple[int, str]] = ()
    # what was looked at
    linked: int = 0
    waiting: int = 0

    def run(self) -> Iterator[ChainFinding]:
        """Everything that is not as it was written."""
        segments = read_segments()
        yield from check_links(self._first_key(ChainLink, "linked_at") or 1)
        horizon = _read_horizon(segments)
        for covered in COVERED:
            check = RowCheck(covered=covered, horizon=horizon, segments=segments)
            yield from check.run(self._first_key(covered.model, covered.made_at))
            self.linked += check.linked
            self.waiting += check.waiting
        yield from check_roots(segments, self.roots)
        yield from check_writer()

    def _first_key(self, model: type[models.Model], column: str) -> int | None:
        return max(1, find_first_key(model, column, self.since)) if self.since else None


def _read_horizon(segments: dict[int, Segment]) -> Horizon:
    """The last one that is what was written. Without any no row has to have a link; that the chain is gone is said."""
    newest = ChainLink.objects.filter(act=ChainLink.Act.HORIZON, kind="").order_by("-row_pk")
    for link in newest[:HORIZONS]:
        if is_true(link, segments):
            return Horizon.from_json(decode(link.content), list(BY_KIND))
    return Horizon.begin(dict.fromkeys(BY_KIND, 0))


def check_writer() -> Iterator[ChainFinding]:
    """Whether new rows are linked: nothing where they are."""
    lately = database_now() - BEHIND
    last = ChainLink.objects.last_link()
    # While rows from before the chain are linked it has not caught up, and goes on.
    is_alive = last is not None and ChainLink.objects.filter(pk=last.pk, linked_at__gt=lately).exists()
    if last is None:
        yield ChainFinding(code="chain-behind", about="there is no chain")
    elif not is_alive and not ChainWriter.objects.filter(at__gt=lately).exists():
        at = ChainWriter.objects.values_list("at", flat=True).first()
        yield ChainFinding(code="chain-behind", about=f"all rows were linked last: {at or 'never'}")
