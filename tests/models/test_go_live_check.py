"""What was seen and confirmed of a step: one row, the newest look, each confirmation once."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import GoLiveCheck, StepResult, WalletAccount
from scanforpay_django.models.database import atomic
from tests.merchant import Merchant
from tests.threads import raced

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(merchant: Merchant) -> WalletAccount:
    return merchant.store.wallet_accounts.get(wallet="Wechat")


def seen(text: str, state: str = "ok") -> list[StepResult]:
    return [StepResult(step="notify", state=state, seen=text, subject="s")]


def test_an_older_look_never_replaces_a_newer_one(account: WalletAccount) -> None:
    now = clock.now()
    GoLiveCheck.objects.record(account, seen("new"), now)
    GoLiveCheck.objects.record(account, seen("old", "failed"), now - timedelta(seconds=5))
    row = GoLiveCheck.objects.get()
    assert (row.seen, row.state, row.checked_at) == ("new", "ok", now)


def test_a_look_leaves_a_persons_word_alone(account: WalletAccount) -> None:
    assert GoLiveCheck.objects.confirm(account, "notify", actor="lin", subject="s")
    GoLiveCheck.objects.record(account, seen("new"), clock.now())
    row = GoLiveCheck.objects.get()
    assert (row.confirmed_by, row.confirmed_subject, row.seen) == ("lin", "s", "new")
    assert GoLiveCheck.objects.withdraw(account, "notify")
    assert not GoLiveCheck.objects.withdraw(account, "notify")
    row.refresh_from_db()
    assert (row.confirmed_by, row.confirmed_at, row.seen) == ("", None, "new")


def test_what_was_confirmed_of_another_subject_is_confirmed_anew(account: WalletAccount) -> None:
    said = [
        GoLiveCheck.objects.confirm(account, "products", actor=who, subject=what)
        for who, what in (("lin", "a"), ("mei", "a"), ("mei", "b"))
    ]
    assert said == [True, False, True]
    assert GoLiveCheck.objects.get().confirmed_by == "mei"


def test_the_order_of_a_payment_is_replaced_by_who_knows_it(account: WalletAccount) -> None:
    assert GoLiveCheck.objects.begin_trial(account, "trial", order_pk=1, before=None)
    assert not GoLiveCheck.objects.begin_trial(account, "trial", order_pk=2, before=None)
    assert GoLiveCheck.objects.begin_trial(account, "trial", order_pk=2, before=1)
    assert GoLiveCheck.objects.get().order_pk == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_one_confirms_and_one_begins(account: WalletAccount) -> None:
    def confirm() -> bool:
        with atomic():
            return GoLiveCheck.objects.confirm(account, "products", actor="lin", subject="s")

    def begin() -> bool:
        with atomic():
            return GoLiveCheck.objects.begin_trial(account, "trial", order_pk=1, before=None)

    assert sorted(raced(8, confirm)) == [False] * 7 + [True]
    assert sorted(raced(8, begin)) == [False] * 7 + [True]
    assert GoLiveCheck.objects.count() == 2
