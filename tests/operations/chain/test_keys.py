"""Keys follow from settings, and say nothing of themselves."""

from datetime import UTC, datetime
from typing import Any

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.keys import current_key, known_keys

LINK = ChainLink(
    number=2,
    segment=1,
    act="row",
    kind="event",
    row_pk=5,
    linked_at=datetime(2026, 11, 27, tzinfo=UTC),
    content="x",
)


def test_a_key_of_its_own_takes_the_place_of_the_encryption_key(settings: Any) -> None:
    first = current_key()
    settings.SCANFORPAY_CHAIN_KEYS = ["of its own", "before"]
    own = current_key()
    assert own.fingerprint != first.fingerprint
    assert len(known_keys()) == 3
    assert known_keys()[first.fingerprint] == first
    # An encryption key that was taken away may be kept here for what it has linked.
    settings.SCANFORPAY_CHAIN_KEYS = ["of its own", settings.SCANFORPAY_ENCRYPTION_KEYS[0]]
    settings.SCANFORPAY_ENCRYPTION_KEYS = ["another"]
    assert first.fingerprint in known_keys()


def test_it_is_not_shown() -> None:
    key = current_key()
    assert repr(key) == f"ChainKey(fingerprint='{key.fingerprint}')"


def test_each_part_of_a_link_counts() -> None:
    key = current_key()
    found = {key.link_mac("", LINK), key.link_mac("0", LINK)}
    changes = {
        "number": 3, "segment": 2, "act": "removed", "kind": "posting", "row_pk": 6, "last_pk": 9, "content": "y",
        "linked_at": datetime(2026, 11, 27, 0, 0, 0, 1, tzinfo=UTC),
    }  # fmt: skip
    for name, value in changes.items():
        values = {field.attname: getattr(LINK, field.attname) for field in ChainLink._meta.concrete_fields}
        found.add(key.link_mac("", ChainLink(**values | {name: value})))
    assert len(found) == len(changes) + 2


def test_a_digest_is_of_one_column_of_one_row() -> None:
    key = current_key()
    places = [("event", 1, "actor"), ("event", 2, "actor"), ("event", 1, "source"), ("posting", 1, "actor")]
    assert len({key.column_digest(*place, "x") for place in places}) == 4


def test_anybody_can_check_a_signature() -> None:
    key = current_key()
    signature = key.sign("text")
    assert key.has_signed("text", signature)
    for text, wrong in (("texts", signature), ("text", "00" * 64), ("text", "no hex")):
        assert not key.has_signed(text, wrong)
    assert len(key.public_key) == 64
