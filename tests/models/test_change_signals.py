"""Changes of rows are seen at once, and rolled back ones not at all."""

from collections.abc import Callable

import pytest
from django.db import transaction

from scanforpay_django.models import Partner, Store, WalletAccount
from tests.merchant import Merchant
from tests.models.warm import warm

__all__ = ["warm"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: Store.objects.update(is_active=False), 3),
        (lambda: Partner.objects.update(is_active=False), 3),
        (lambda: WalletAccount.objects.update(is_active=False), 43),
        (lambda: WalletAccount.objects.filter(wallet="Wechat").delete(), 44),
    ],
)
def test_a_change_in_this_process_is_seen_at_once(
    warm: Merchant, change: Callable[[], object], code: int
) -> None:
    change()
    assert warm.create()["code"] == code


def test_what_is_rolled_back_is_not_remembered(warm: Merchant) -> None:
    with transaction.atomic():
        Store.objects.update(is_active=False)
        assert warm.create()["code"] == 3
        transaction.set_rollback(True)
    assert warm.create()["code"] == 1
