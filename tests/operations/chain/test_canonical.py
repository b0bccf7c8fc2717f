"""Values as bytes: the same on every database."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from scanforpay_django.models import OrderEvent, Posting, Store
from scanforpay_django.operations.chain.canonical import canonical_bytes
from scanforpay_django.operations.chain.covered import BY_MODEL, split_digests
from scanforpay_django.operations.chain.keys import current_key
from tests.merchant import Merchant
from tests.models.test_posting import make
from tests.operations.figures.calendar import make as make_order
from tests.operations.figures.calendar import store

__all__ = ["store"]
MOMENT = datetime(2026, 10, 25, 0, 30, 0, 120005, tzinfo=UTC)
POSTING = "9ebf2adeb1253e066671b84ab926a09fda421347810aa751"
DATA = {"名": ["é\u2028", None, True], "b": 1000.0, "a": {"z": 2**60, "part": 0.1}, "": ""}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, b"-"),
        ("", b"s"),
        ("潮 ", "s潮 ".encode()),
        (0, b"i0"),
        (-(2**62), b"i-4611686018427387904"),
        (True, b"i1"),
        ("1", b"s1"),
        (Decimal("0.00600"), b"d0.006"),
        (Decimal("0E-5"), b"d0"),
        (MOMENT, b"m1792888200120005"),
        (MOMENT.astimezone(timezone(timedelta(hours=8))), b"m1792888200120005"),
        ({"b": 1e3, "a": []}, b'j{"a":[],"b":1000}'),
        (["é"], 'j["é"]'.encode()),
    ],
)
def test_each_type(value: Any, wanted: bytes) -> None:
    assert canonical_bytes(value) == wanted


def test_what_no_column_has_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical bytes of bytes"):
        canonical_bytes(b"x")


def digests(row: Any, left_out: set[str]) -> str:
    """As they are linked, of a row that was read back; of what is the same in each run of the tests."""
    covered = BY_MODEL[type(row)]
    values = covered.rows.values_list(*covered.columns).get(pk=row.pk)
    found = split_digests(covered.digests(current_key(), 7, values))
    named = zip(covered.columns, found, strict=True)
    return b"".join(digest[:2] for name, digest in named if name not in left_out).hex()


@pytest.mark.django_db
def test_the_same_rows_have_the_same_digests_on_every_database(store: Store) -> None:
    event = OrderEvent.objects.create(
        order=make_order(store),
        at=MOMENT,
        from_state="",
        to_state="paid",
        source="merchant",
        actor="潮 ",
        data=DATA,
    )
    assert digests(event, {"order_id"}) == "ea949466690312f2246542d4a79c"


@pytest.mark.django_db
def test_the_same_postings_too(merchant: Merchant) -> None:
    posting = make(merchant, effective_at=MOMENT, booked_at=MOMENT, rate=Decimal("0.006"), amount=2**53 + 1)
    assert digests(Posting.objects.get(pk=posting.pk), {"store_id", "account_id"}) == POSTING
