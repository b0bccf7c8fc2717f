"""Write down what a comparison found: the same difference is the same row, whatever the order of the days."""

from collections.abc import Iterable

from scanforpay_django import clock
from scanforpay_django.books.compare.values import Comparison, Found
from scanforpay_django.models import BillDay, Difference
from scanforpay_django.models.difference import NO_LONGER_THERE

#: of one kind and day. What is more than that has one cause, and one more row that counts it
MAX_OF_KIND = 2000
_SAID = ("account_id", "order_no", "field", "ours", "theirs", "amount", "currency", "details")
_Key = tuple[str, str]


def record_comparison(day: BillDay, comparison: Comparison) -> int:
    """How many differences are new. Call in a transaction that holds the day.

    What is open and was not found again is closed, if it could be judged. What a person has closed stays closed as long
    as both sides say the same; otherwise it is a new row, the next occurrence.
    """
    found = _limit(comparison.found)
    latest = _read_latest(day)
    new: list[Difference] = []
    for key, one in found.items():
        row = latest.get(key)
        facts = one.facts()
        if row is None or (row.closed_at and not (row.facts == facts and row.closed_by_id)):
            new.append(_make(day, one, facts, (row.occurrence if row else 0) + 1))
        elif row.closed_at is None and row.facts != facts:
            Difference.objects.open().filter(pk=row.pk).update(facts=facts, **_columns(one))
    Difference.objects.bulk_create(new)
    # What is more than the limit is there all the same.
    there = found.keys() | {(str(one.kind), one.number) for one in comparison.found}
    gone = [row.pk for key, row in latest.items() if key not in there and row.kind in comparison.judged]
    _close(gone)
    return len(new)


def _close(pks: list[int]) -> None:
    for start in range(0, len(pks), 500):
        rows = Difference.objects.open().filter(pk__in=pks[start : start + 500])
        rows.update(closed_at=clock.now(), reason=NO_LONGER_THERE)


def _limit(found: Iterable[Found]) -> dict[_Key, Found]:
    kept: dict[_Key, Found] = {}
    counts: dict[str, int] = {}
    for one in sorted(found, key=lambda item: (item.kind, item.number, item.facts())):
        key = (str(one.kind), one.number)
        if key in kept:
            continue
        counts[one.kind] = count = counts.get(one.kind, 0) + 1
        if count <= MAX_OF_KIND:
            kept[key] = one
    for kind, count in counts.items():
        if count > MAX_OF_KIND:
            first = next(one for key, one in kept.items() if key[0] == kind)
            rest = Found(
                kind=first.kind,
                number="more",
                account_id=first.account_id,
                field="differences",
                theirs=f"{count - MAX_OF_KIND} more",
            )
            kept[str(kind), rest.number] = rest
    return kept


def _read_latest(day: BillDay) -> dict[_Key, Difference]:
    # Locked, so that nobody closes one for what it said before; by their keys, as those who close them do.
    rows = Difference.objects.filter(day=day).order_by("pk").select_for_update()
    return {(row.kind, row.number): row for row in rows}


def _make(day: BillDay, one: Found, facts: str, occurrence: int) -> Difference:
    return Difference(
        day=day, kind=one.kind, number=one.number, occurrence=occurrence, facts=facts, **_columns(one)
    )


def _columns(one: Found) -> dict[str, object]:
    columns = {name: getattr(one, name) for name in _SAID}
    return {**columns, "ours": one.ours[:200], "theirs": one.theirs[:200], "details": dict(one.details)}
