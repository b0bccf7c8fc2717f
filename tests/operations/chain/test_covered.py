"""Which columns the chain covers."""

import pytest

from scanforpay_django.models import Notification, NotificationAttempt, OrderEvent, Posting
from scanforpay_django.operations.chain.covered import (
    BY_MODEL,
    COVERED,
    KEYS_TOGETHER,
    in_parts,
    split_digests,
)
from scanforpay_django.operations.chain.keys import current_key

#: what changes as a notification is delivered
CHANGING = {
    "state", "next_at", "attempt_count", "schedule_start", "lease_until", "lease_token", "delivered_at",
    "last_reason", "alarmed_at", "mailed_at", "learned_at", "is_paid_kind_or_null",
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "left_out"),
    [(Posting, set()), (OrderEvent, set()), (NotificationAttempt, set()), (Notification, CHANGING)],
)
def test_every_column_is_covered_that_does_not_change(model: type, left_out: set[str]) -> None:
    """A column that is added later is covered too, or named here."""
    names = {field.attname for field in model._meta.concrete_fields} - {"id"} - left_out
    assert set(BY_MODEL[model].columns) == names


def test_a_digest_for_each_column() -> None:
    for covered in COVERED:
        values = [None] * len(covered.columns)
        digests = split_digests(covered.digests(current_key(), 1, values))
        assert len(set(digests)) == len(covered.columns)


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's
        split_digests("no base64!")


def test_keys_in_parts() -> None:
    assert in_parts([]) == []
    assert in_parts({3, 1}) == [[1, 3]]
    assert [len(part) for part in in_parts(range(KEYS_TOGETHER + 1))] == [KEYS_TOGETHER, 1]
