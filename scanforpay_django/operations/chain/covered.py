"""Which tables the chain covers, and which of their columns."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from scanforpay_django.models import ChainLink, Notification, NotificationAttempt, OrderEvent, Posting
from scanforpay_django.operations.chain.keys import DIGEST_BYTES, ChainKey

Rows = models.QuerySet[Any]
#: keys that one statement names, and that one reads
KEYS_TOGETHER, PAGE = 500, 5000


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One table whose rows are linked, and which of its columns."""

    # what links call it
    kind: str
    rows: Rows
    # those that never change once the row is covered
    columns: tuple[str, ...]
    # when a row was inserted
    made_at: str
    # rows that still change: they are covered when they are finished
    unfinished: Q | None = None

    @property
    def model(self) -> type[models.Model]:
        """The model of its rows."""
        return self.rows.model

    def links(self) -> "models.QuerySet[ChainLink]":
        """The links of its rows."""
        return ChainLink.objects.filter(act=ChainLink.Act.ROW, kind=self.kind)

    def finished(self) -> Rows:
        """The rows that may be linked."""
        return self.rows.exclude(self.unfinished) if self.unfinished else self.rows.all()

    def find_unlinked(self, rows: Rows, first: int, last: int, limit: int | None = None) -> list[int]:
        """Of ``rows`` the keys of those without a link, from one key to another.

        Both sides are read by their indexes and compared here: no statistics, which lag behind, can have a database
        join them in another way.
        """
        found: list[int] = []
        while first <= last and (limit is None or len(found) < limit):
            page = rows.filter(pk__gte=first, pk__lte=last).order_by("pk")
            keys = list(page.values_list("pk", flat=True)[:PAGE])
            if not keys:
                break
            links = self.links().filter(row_pk__gte=keys[0], row_pk__lte=keys[-1]).order_by()
            linked = set(links.values_list("row_pk", flat=True))
            found += [key for key in keys if key not in linked]
            first = keys[-1] + 1
        return found[:limit]

    def read(self, keys: Iterable[int]) -> Iterator[Sequence[Any]]:
        """Rows by key: the key, and the values of the covered columns."""
        for part in in_parts(keys):
            rows = self.finished().filter(pk__in=part).order_by("pk")
            yield from rows.values_list("pk", *self.columns)

    def digests(self, key: ChainKey, pk: int, values: Sequence[object]) -> str:
        """What a link says about a row: a digest for each column, in their sequence."""
        found = (
            key.column_digest(self.kind, pk, column, value)
            for column, value in zip(self.columns, values, strict=True)
        )
        return base64.b64encode(b"".join(found)).decode("ascii")


COVERED = (
    Covered(
        kind="posting",
        rows=Posting.objects.all(),
        columns=(
            "source", "destination", "amount", "currency", "effective_at", "booked_at", "cause_type", "cause_id",
            "kind", "revision", "reverses_id", "rate", "store_id", "account_id",
        ),
        made_at="booked_at",
    ),
    Covered(
        kind="event",
        rows=OrderEvent.objects.all(),
        columns=("order_id", "at", "from_state", "to_state", "source", "actor", "request_id", "data"),
        made_at="at",
    ),
    Covered(
        kind="notification",
        rows=Notification.objects.all(),
        columns=(
            "order_id", "partner_id", "kind", "refund_id", "message_id", "url", "endpoint", "content", "created_at",
        ),
        made_at="created_at",
    ),
    Covered(
        kind="attempt",
        rows=NotificationAttempt.objects.all(),
        columns=(
            "notification_id", "number", "state", "started_at", "duration_ms", "http_status", "reason", "answer",
            "address",
        ),
        made_at="started_at",
        unfinished=Q(state=NotificationAttempt.State.SENDING),
    ),
)  # fmt: skip
BY_KIND = {covered.kind: covered for covered in COVERED}
BY_MODEL: dict[type[models.Model], Covered] = {covered.model: covered for covered in COVERED}


def split_digests(content: str) -> list[bytes]:
    """The digests of a link, one for each column. Raises ValueError for what is none."""
    joined = base64.b64decode(content, validate=True)
    return [joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)]


def in_parts(keys: Iterable[int]) -> list[list[int]]:
    """Keys, as many as one statement may name at a time."""
    ordered = sorted(keys)
    return [ordered[start : start + KEYS_TOGETHER] for start in range(0, len(ordered), KEYS_TOGETHER)]
