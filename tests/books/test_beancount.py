"""Beancount, which is not ours, reads the ledger and finds nothing wrong."""

from pathlib import Path

import pytest

from scanforpay_django.books.beancount import account_name, write_beancount
from scanforpay_django.models import Payment, Posting, Refund, Store, WalletAccount
from tests.bean_check import bean_check
from tests.books.ledger import post
from tests.books.story import tell
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]


def expected_balance(account: WalletAccount, currency: str) -> int:
    """What lies at the platform by the payments and refunds, before fees."""
    paid = Payment.objects.filter(account=account, state="paid", paid_currency=currency)
    back = Refund.objects.filter(payment__account=account, state="succeeded", currency=currency)
    return sum(paid.values_list("paid_amount", flat=True)) - sum(back.values_list("amount", flat=True))


@pytest.mark.django_db
def test_bean_check_is_silent_and_knows_the_balances(store: Store, at: At, tmp_path: Path) -> None:
    tell(store, at)
    post()
    exported = "\n".join(write_beancount(Posting.objects.all())) + "\n"
    wechat = store.wallet_accounts.get(wallet="Wechat")
    alipay = store.wallet_accounts.get(wallet="Alipay")
    # Of 42.00 and two times 21.00, three went back in part; fees are 13, 13, 13 and 13 less 5 and 13.
    assert [expected_balance(wechat, "CNY"), expected_balance(alipay, "CNY")] == [5599, 1999]
    own = [
        f"2026-12-02 balance Assets:Platform:Wechat:{wechat.pk}:CNY 55.65 ~ 0 CNY",
        f"2026-12-02 balance Assets:Platform:Wechat:{wechat.pk}:JPY 248 ~ 0 JPY",
        f"2026-12-02 balance Assets:Platform:Alipay:{alipay.pk}:CNY 19.99 ~ 0 CNY",
        f"2026-12-02 balance Income:Orders:{store.store_no} -74.98 ~ 0 CNY",
        f"2026-12-02 balance Income:Orders:{store.store_no} -250 ~ 0 JPY",
        f"2026-12-02 balance Liabilities:Overpaid:{store.store_no} 0 ~ 0 CNY",
        f"2026-12-02 balance Liabilities:RefundsOnTheirWay:Wechat:{wechat.pk} -1.00 ~ 0 CNY",
        f"2026-12-02 balance Expenses:Fees:Expected:Wechat:{wechat.pk} 0.34 ~ 0 CNY",
    ]
    assert bean_check(tmp_path / "ledger.beancount", exported + "\n".join(own) + "\n") == ""
    wrong = own[0].replace("55.65", "55.66")
    assert "Balance failed" in bean_check(tmp_path / "wrong.beancount", f"{exported}{wrong}\n")


@pytest.mark.django_db
def test_its_own_balances_are_checked(store: Store, at: At, tmp_path: Path) -> None:
    tell(store, at)
    post()
    lines = list(write_beancount(Posting.objects.all()))
    assert sum(" balance " in line for line in lines) == 9
    place = next(number for number, line in enumerate(lines) if line.endswith(" 21.00 CNY"))
    lines[place] = lines[place].replace("21.00", "21.01")
    said = bean_check(tmp_path / "cut.beancount", "\n".join(lines) + "\n")
    assert "does not balance" in said


@pytest.mark.django_db
def test_a_ledger_without_postings(tmp_path: Path) -> None:
    assert (
        bean_check(tmp_path / "empty.beancount", "\n".join(write_beancount(Posting.objects.all())) + "\n")
        == ""
    )


def test_store_numbers_that_beancount_does_not_take_stay_apart(tmp_path: Path) -> None:
    numbers = ["0001", "A1", "a1", "a-1", "a_1", "-", "--", "X-a1", "X-2d-", "_", "2d"]
    names = [account_name(f"orders:store:{number}") for number in numbers]
    assert len(set(names)) == len(numbers)
    assert names[0] == "Income:Orders:0001"
    text = "".join(f"2026-11-29 open {name}\n" for name in names)
    assert bean_check(tmp_path / "names.beancount", text) == ""
