"""Differences are closed once, with a reason."""

from datetime import date

import pytest
from django.utils import translation

from scanforpay_django.models import BillDay, Difference
from scanforpay_django.models.difference import NO_LONGER_THERE
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def difference(merchant: Merchant) -> Difference:
    account = merchant.store.wallet_accounts.first()
    day = BillDay.objects.create(merchant="m", account=account, bill_type="trade", day=date(2026, 11, 27))
    return Difference.objects.create(day=day, account=account, kind=Difference.Kind.AMOUNT, number="1")


def test_the_first_reason_stays(difference: Difference, django_user_model) -> None:
    ann, bob = (django_user_model.objects.create_user(name) for name in ("ann", "bob"))
    assert Difference.objects.all().close(user_id=ann.pk, reason="a gift") == 1
    assert Difference.objects.all().close(user_id=bob.pk, reason="no") == 0
    difference.refresh_from_db()
    assert (difference.closed_by, difference.reason_shown) == (ann, "a gift")
    assert not Difference.objects.open().exists()


def test_our_own_reason_is_translated(difference: Difference) -> None:
    difference.reason = NO_LONGER_THERE
    with translation.override("zh-hans"):
        assert difference.reason_shown != NO_LONGER_THERE
