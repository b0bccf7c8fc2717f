"""Closing differences in a person's name."""

from datetime import date

import pytest

from scanforpay_django.books import close_differences as module
from scanforpay_django.books.close_differences import close_differences
from scanforpay_django.models import Difference, WalletAccount
from tests.books.platform_copy import Bill, bring, line_of, unpaid_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


@pytest.fixture
def person(django_user_model) -> int:
    return django_user_model.objects.create_user("ann").pk


def make(account: WalletAccount, number: int) -> None:
    bring(account, Bill(DAY).add(*(line_of(unpaid_of(account, "closed")) for _ in range(number))))
    assert Difference.objects.open().count() == number


def test_each_is_closed_with_the_reason(account: WalletAccount, person: int) -> None:
    make(account, 3)
    closed = list(close_differences(Difference.objects.all(), user_id=person, reason="seen"))
    assert len(closed) == 3
    assert set(Difference.objects.values_list("closed_by", "reason")) == {(person, "seen")}
    assert not Difference.objects.open().exists()


def test_however_many_there_are(account: WalletAccount, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 2)
    make(account, 5)
    assert len(list(close_differences(Difference.objects.all(), user_id=person, reason="x"))) == 5


def test_what_is_closed_keeps_its_reason(account: WalletAccount, person: int) -> None:
    make(account, 2)
    first = Difference.objects.first()
    list(close_differences(Difference.objects.filter(pk=first.pk), user_id=person, reason="first"))
    closed = list(close_differences(Difference.objects.all(), user_id=person, reason="second"))
    assert [row.pk for row in closed] == list(
        Difference.objects.exclude(pk=first.pk).values_list("pk", flat=True)
    )
    first.refresh_from_db()
    assert first.reason == "first"
