"""Numbers that are free, and keys."""

import pytest

from scanforpay_django.models import Partner, Store
from scanforpay_django.operations.set_up.first_rows import find_partner_no, find_store_no, issue_key
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def test_a_partners_number_follows_the_highest_count() -> None:
    assert find_partner_no() == "10001"
    for number in ("10007", "acme", "999999999999"):
        Partner.objects.create(partner_no=number, name="x")
    assert find_partner_no() == "10008"


@pytest.mark.parametrize(
    ("partner_no", "numbers"),
    [
        ("10001", ["100010000000001", "100010000000002"]),
        ("123456789012345", ["123456789010001", "123456789010002"]),
    ],
)
def test_a_stores_number_is_its_partners_and_a_count(partner_no: str, numbers: list[str]) -> None:
    partner = Partner.objects.create(partner_no=partner_no, name="x")
    for number in numbers:
        assert find_store_no(partner) == number
        Store.objects.create(partner=partner, store_no=number, name="x")


def test_a_key_is_stored_as_it_was_shown(rows: Rows) -> None:
    key, secret = issue_key(rows.partner(secret=""), "1")
    key.refresh_from_db()
    assert (key.secret(), len(secret)) == (secret, 43)
