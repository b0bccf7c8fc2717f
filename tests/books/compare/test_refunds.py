"""Lines of refunds against refunds."""

from datetime import date

import pytest

from scanforpay_django.models import Difference, Refund, WalletAccount
from tests.books.platform_copy import (
    Bill,
    bring,
    bring_empty,
    china,
    differences,
    line_of,
    line_of_refund,
    payment_of,
    refund_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
DAY, BEFORE, AFTER = date(2026, 11, 27), date(2026, 11, 26), date(2026, 11, 28)


def test_what_agrees_is_no_difference(account: WalletAccount) -> None:
    """A refund that was on its way when the bill was made is in it as that, for ever."""
    bring_empty(account, BEFORE, AFTER)
    payment = payment_of(account, "2026-11-27 10:00")
    done, slow = refund_of(payment, 700, "2026-11-27 11:00"), refund_of(payment, 300, "2026-11-27 12:00")
    Refund.objects.filter(pk=slow.pk).update(finished_at=china("2026-11-29 09:00"))
    bring(
        account,
        Bill(DAY).add(
            line_of(payment), line_of_refund(done), line_of_refund(slow, refund_state="PROCESSING")
        ),
    )
    assert differences() == []


def test_a_refund_of_the_console(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    line = line_of(payment)
    bring(
        account,
        Bill(DAY).add(
            line,
            line_of(
                payment, state="REFUND", refund_no="C1", refund_id="50001", refund_state="SUCCESS", amount=700
            ),
        ),
    )
    assert differences() == ["27 refund_unknown refund: - / REFUND SUCCESS"]
    found = Difference.objects.get()
    assert (found.amount, found.number, found.details["out_trade_no"]) == (700, "C1", payment.out_trade_no)


@pytest.mark.parametrize("numbers", [{"refund_id": "50001"}, {"source": "platform"}])
def test_a_refund_that_was_imported_under_another_number_is_none(
    account: WalletAccount, numbers: dict[str, str]
) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund_of(payment, 700, "2026-11-27 11:00", **numbers)
    line = line_of(
        payment, state="REFUND", refund_no="C1", refund_id="50001", refund_state="SUCCESS", amount=700
    )
    bring(account, Bill(DAY).add(line_of(payment), line))
    assert differences() == []


def test_more_than_was_paid(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 2100, "2026-11-27 11:00")
    more = line_of(
        payment, state="REFUND", refund_no="C1", refund_id="50001", refund_state="SUCCESS", amount=1
    )
    bring(account, Bill(DAY).add(line_of(payment), line_of_refund(refund), more))
    assert differences() == [
        "27 over_refunded sum of refunds: 21.00 / 21.01",
        "27 refund_unknown refund: - / REFUND SUCCESS",
    ]


def test_another_amount(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 700, "2026-11-27 11:00")
    bring(account, Bill(DAY).add(line_of(payment), line_of_refund(refund, amount=800)))
    assert differences() == ["27 refund_amount amount: 7.00 / 8.00"]


def test_failed_there_done_here(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    failed = refund_of(payment, 700, "2026-11-27 11:00")
    redirected = refund_of(payment, 100, "2026-11-27 12:00", way="merchant")
    bring(
        account,
        Bill(DAY).add(
            line_of(payment),
            line_of_refund(failed, refund_state="FAIL"),
            line_of_refund(redirected, refund_state="CHANGE"),
        ),
    )
    assert differences() == ["27 refund_failed_there state: succeeded / REFUND FAIL"]


@pytest.mark.parametrize(
    ("word", "found"),
    [("SUCCESS", ["27 refund_unknown state: failed / REFUND SUCCESS"]), ("PROCESSING", []), ("FAIL", [])],
)
def test_failed_here(account: WalletAccount, word: str, found: list[str]) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 700, "2026-11-27 11:00", state=Refund.State.FAILED)
    bring(account, Bill(DAY).add(line_of(payment), line_of_refund(refund, refund_state=word)))
    assert differences() == found


def test_accepted_and_not_finished(account: WalletAccount) -> None:
    """The platform says three days: the 25th is longer ago, the 29th is not."""
    payment = payment_of(account, "2026-11-25 10:00")
    waiting = {"state": Refund.State.PROCESSING, "finished_at": None}
    old = refund_of(payment, 700, "2026-11-25 11:00", **waiting)
    young = refund_of(payment, 100, "2026-11-29 11:00", **waiting)
    bring(
        account,
        Bill(date(2026, 11, 25)).add(line_of(payment), line_of_refund(old, refund_state="PROCESSING")),
    )
    bring(account, Bill(date(2026, 11, 29)).add(line_of_refund(young, refund_state="PROCESSING")))
    assert differences() == ["25 refund_pending state: processing / REFUND PROCESSING"]


def test_the_same_refund_twice(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 700, "2026-11-27 11:00")
    bring(account, Bill(DAY).add(line_of(payment), line_of_refund(refund), line_of_refund(refund)))
    assert differences() == ["27 duplicate_line lines: 1 / 2"]


def test_a_refund_of_another_merchants_payment_is_a_difference(account: WalletAccount) -> None:
    """Known here or not: the money came from this merchant number."""
    payment = payment_of(account.store.wallet_accounts.get(wallet="Alipay"), "2026-11-27 10:00")
    known = line_of_refund(refund_of(payment, 700, "2026-11-27 11:00"))
    console = line_of(payment, state="REFUND", refund_no="C1", refund_id="50001", refund_state="SUCCESS")
    bring(account, Bill(DAY).add(known, console))
    assert [(one.kind, one.field) for one in Difference.objects.open()] == [("party", "merchant")] * 2


def test_two_refunds_of_the_console_are_more_than_was_paid(account: WalletAccount) -> None:
    payment = payment_of(account, "2026-11-27 10:00")
    said = {"state": "REFUND", "refund_state": "SUCCESS", "amount": 1500}
    two = [line_of(payment, refund_no=f"C{n}", refund_id=f"5000{n}", **said) for n in (1, 2)]
    bring(account, Bill(DAY).add(line_of(payment), *two))
    assert differences() == [
        "27 over_refunded sum of refunds: 21.00 / 30.00",
        *["27 refund_unknown refund: - / REFUND SUCCESS"] * 2,
    ]
