"""Several workers post the fees of a bill at the same moment, and orders are posted meanwhile."""

from collections import Counter

import pytest

from scanforpay_django.books.bill_fees import post_bill, post_next
from scanforpay_django.models import BillFile, Payment, Posting
from tests.books.bills import account_of
from tests.books.fee_bills import bring, line
from tests.books.ledger import lines, post
from tests.merchant import Merchant
from tests.operations.figures.calendar import make, open_page, pay
from tests.races.test_races import together
from tests.threads import raced

pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS, ORDERS = 6, 12
TOLD = ("0.12600", "0.21000", "0")
#: of a payment that is confirmed, of one that costs something else, of one that costs nothing
WANTED = Counter(
    {
        "collected 1: orders > platform 2100": ORDERS,
        "fee 1: platform > fees 13": ORDERS,
        "fee_confirmed 1: fees > fees 13": ORDERS // 3,
        "fee 2: fees > platform 13": ORDERS * 2 // 3,
        "fee 3: platform > fees 21": ORDERS // 3,
        "rounding:CNY 1: rounding > platform 2": 1,
    }
)


def bill_of_payments(merchant: Merchant) -> BillFile:
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    payments = [open_page(make(merchant.store)) for _number in range(ORDERS)]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    return bring(account_of(merchant), [line(one, TOLD[number % 3]) for number, one in enumerate(payments)])


def test_many_workers_post_each_fee_once(merchant: Merchant) -> None:
    bill = bill_of_payments(merchant)
    post()
    raced(THREADS, lambda: post_bill(bill))
    assert Counter(lines()) == WANTED


def test_one_of_many_workers_has_the_turn(merchant: Merchant) -> None:
    bill_of_payments(merchant)
    post()
    assert any(raced(THREADS, post_next))
    assert Counter(lines()) == WANTED


def test_payments_that_are_posted_meanwhile_have_their_fees_in_the_end(merchant: Merchant) -> None:
    bill = bill_of_payments(merchant)
    jobs = [lambda: post_bill(bill), lambda: post()] * 3
    assert [one for one in together(*jobs) if isinstance(one, Exception)] == []
    post_bill(bill)
    found = Counter(lines())
    rounding = {name for name in found if name.startswith("rounding")}
    assert {name: number for name, number in found.items() if name not in rounding} == {
        name: number for name, number in WANTED.items() if not name.startswith("rounding")
    }
    assert Posting.objects.filter(cause_type="bill").order_by("revision").last().revision % 2 == 1


def test_of_two_versions_the_later_one_stands(merchant: Merchant) -> None:
    first = bill_of_payments(merchant)
    post()
    numbers = list(first.lines.order_by("line_no").values_list("out_trade_no", flat=True))
    assert len(numbers) == ORDERS
    payments = [Payment.objects.get(out_trade_no=number) for number in numbers]
    later = bring(first.account, [line(one, "0.30") for one in payments])
    failed = together(*[lambda: post_bill(first), lambda: post_bill(later)] * 3)
    assert [one for one in failed if isinstance(one, Exception)] == []
    standing = Posting.objects.filter(kind="fee", reverses=None, reversed_by=None)
    assert set(standing.values_list("amount", flat=True)) == {30}
    assert standing.count() == ORDERS
