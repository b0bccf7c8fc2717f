"""Append to the chain: under its lock, one transaction at a time."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scanforpay_django import clock
from scanforpay_django.models import ChainLink, ChainWriter
from scanforpay_django.models.database import atomic
from scanforpay_django.models.keys_by_time import find_first_key
from scanforpay_django.operations.chain.covered import COVERED, Covered, in_parts
from scanforpay_django.operations.chain.horizon import MARGIN, Horizon
from scanforpay_django.operations.chain.keys import ChainKey, current_key

#: links of one statement
TOGETHER = 500


class OpenChain:
    """The end of the chain, while the transaction holds its lock."""

    def __init__(self, key: ChainKey) -> None:
        self.key = key
        last = ChainLink.objects.last_link()
        self._number, self._mac = (last.number, last.mac) if last else (0, "")
        self._segment = last.segment if last else 0
        self._new: list[ChainLink] = []
        if last is None:
            self.begin_segment("first")
            self.append_horizon(_first_horizon())
        elif cause := self._find_change():
            self.begin_segment(cause)

    @property
    def end(self) -> str:
        """The last link, as a root is written."""
        return f"{self._number}:{self._mac}" if self._number else ""

    def begin_segment(self, cause: str, cites: str = "", by: str = "") -> None:
        """What follows is under the current key, with the covered columns of this version."""
        content = {
            "cause": cause,
            "cites": cites or self.end,
            "by": by,
            "key": self.key.fingerprint,
            "columns": {covered.kind: covered.columns for covered in COVERED},
        }
        self._segment += 1
        self._append_statement(ChainLink.Act.SEGMENT, content)

    def append_rows(self, covered: Covered, rows: Iterable[Sequence[Any]]) -> None:
        """Link rows: keys, each with the values of the covered columns."""
        for pk, *values in rows:
            content = covered.digests(self.key, pk, values)
            self._append(ChainLink.Act.ROW, covered.kind, pk, None, content)

    def append_missing(self, covered: Covered, pks: Iterable[int]) -> None:
        """Link those of these rows that have no link."""
        for part in in_parts(pks):
            keys = covered.find_unlinked(covered.finished().filter(pk__in=part), part[0], part[-1])
            self.append_rows(covered, covered.read(keys))

    def append_gap(
        self, act: ChainLink.Act, kind: str, first: int, last: int, content: dict[str, Any]
    ) -> None:
        """Say what became of rows."""
        self._append(act, kind, first, last, encode(content))

    def append_horizon(self, horizon: Horizon) -> None:
        """Say up to where the rows are linked."""
        self._append_statement(ChainLink.Act.HORIZON, horizon.as_json())

    def save(self) -> None:
        """Write what was appended."""
        ChainLink.objects.bulk_create(self._new, batch_size=TOGETHER)
        self._new = []

    def _append_statement(self, act: ChainLink.Act, content: dict[str, Any]) -> None:
        self._append(act, "", self._number + 1, None, encode(content))

    def _append(self, act: ChainLink.Act, kind: str, row_pk: int, last_pk: int | None, content: str) -> None:
        link = ChainLink(
            number=self._number + 1,
            segment=self._segment,
            act=act,
            kind=kind,
            row_pk=row_pk,
            last_pk=last_pk,
            linked_at=clock.host_now(),
            content=content,
        )
        link.mac = self.key.link_mac(self._mac, link)
        self._number, self._mac = link.number, link.mac
        self._new.append(link)

    def _find_change(self) -> str:
        """Why another segment has to begin; "" when none has."""
        segment = ChainLink.objects.newest_statement(ChainLink.Act.SEGMENT)
        content = decode(segment.content) if segment else {}
        if content.get("key") != self.key.fingerprint:
            return "key"
        columns = {covered.kind: list(covered.columns) for covered in COVERED}
        return "" if content.get("columns") == columns else "columns"


def encode(content: dict[str, Any]) -> str:
    """A statement as it is kept."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def decode(content: str) -> dict[str, Any]:
    """A statement that was kept; {} for what is none."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _first_horizon() -> Horizon:
    """Rows that are young may have smaller keys than others that are there: they are looked for above the bound. What
    is older is linked by and by.
    """
    moment = clock.host_now() - MARGIN
    old_end = {
        covered.kind: max(0, find_first_key(covered.model, covered.made_at, moment) - 1)
        for covered in COVERED
    }
    return Horizon.begin(old_end)


@contextmanager
def open_chain() -> Iterator[OpenChain]:
    """The chain to append to; others wait until the transaction around this ends. Inside of another transaction call
    ``ChainWriter.objects.begin`` before that one begins. Raises ImproperlyConfigured without a key.
    """
    key = current_key()
    ChainWriter.objects.begin()
    with atomic():
        ChainWriter.objects.lock()
        # After the lock: what another writer has committed is seen.
        chain = OpenChain(key)
        yield chain
        chain.save()
