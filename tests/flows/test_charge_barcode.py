"""offline/pay: the merchant scans the customer's code, over real HTTP to the sandbox."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Notification, Order, Payment
from scanforpay_django.wallets.base import PaymentRequest, Wallet
from scanforpay_django.wallets.registry import wallet_classes
from tests.flows.barcode_till import CODES, HESITATES, PAYS, REFUSED, Till, till
from tests.lost_orders import lose, restored
from tests.merchant import envelope, header, order_body

__all__ = ["till"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_a_code_is_charged_at_once(till: Till) -> None:
    told = till.scan()
    assert (told["code"], told["status"], told["wallet"], told["orderAmount"]) == (1, 1, till.wallet, 2100)
    assert told["payTime"]
    assert Payment.objects.get().is_applied
    assert Notification.objects.get().order.order_no == told["orderNo"]


def test_the_till_waits_for_the_password(till: Till) -> None:
    assert till.scan(HESITATES, partnerOrderNo="b1")["status"] == 0
    assert till.query("b1")["status"] == 0
    assert till.sandbox.confirm(till.sandbox.trades[0])
    assert till.query("b1")["status"] == 1


def test_the_sweep_finds_out_without_being_asked(till: Till) -> None:
    till.scan(HESITATES)
    till.sandbox.confirm(till.sandbox.trades[0])
    Payment.objects.update(next_query_at=clock.now(), queried_at=None)
    poll_platforms()
    assert Order.objects.get().state == "paid"


def test_a_refused_code_has_failed_for_good(till: Till) -> None:
    told = till.scan(REFUSED, partnerOrderNo="b1")
    assert (told["code"], told["status"], told["msg"]) == (2, 2, "交易失败。")
    assert Order.objects.get().state == "closed"
    assert till.query("b1")["status"] == 2
    assert not Notification.objects.exists()


def test_the_same_number_again_is_never_charged_again(till: Till) -> None:
    first = till.scan(partnerOrderNo="b1")
    other_code = CODES[till.wallet][:-1] + "0" + PAYS
    assert till.scan(partnerOrderNo="b1", barcode=other_code) == first
    assert till.scan(partnerOrderNo="b1", orderAmount=1)["code"] == 31
    assert len(till.sandbox.trades) == 1


def test_the_same_number_with_a_code_of_the_other_wallet_is_the_same_order(till: Till) -> None:
    first = till.scan(partnerOrderNo="b1")
    other = next(code for wallet, code in CODES.items() if wallet != till.wallet)
    assert till.scan(partnerOrderNo="b1", barcode=other + PAYS) == first


def test_parallel_scans_of_one_number_charge_once(till: Till) -> None:
    def scan(_: int) -> int:
        try:
            return till.scan(partnerOrderNo="b1")["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(scan, range(8))) == {1}
    assert len(till.sandbox.trades) == 1
    assert till.query("b1")["status"] == 1


def test_a_lost_answer_is_asked_for_at_once(till: Till) -> None:
    till.sandbox.fault("act-then-timeout", seconds=1, operation="create")
    assert till.scan()["status"] == 1
    assert len(till.sandbox.trades) == 1


def test_an_unknown_outcome_is_no_failure_yet(till: Till) -> None:
    till.sandbox.fault("http-500", operation="create")
    told = till.scan(partnerOrderNo="b1")
    assert (told["code"] in (21, 22), told["status"]) == (True, 0)
    till.wait()
    assert till.query("b1")["status"] == 2
    assert till.sandbox.trades == []


def test_a_platform_out_of_reach_has_charged_nothing(till: Till, settings) -> None:
    nowhere = {"api": "http://127.0.0.1:9", "gateway": "http://127.0.0.1:9/gateway.do"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"local_sandbox": {till.wallet: nowhere}}
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["http://127.0.0.1:9"]
    assert till.scan(partnerOrderNo="b1")["code"] == 22
    assert Order.objects.get().state == "closed"
    assert till.query("b1")["status"] == 2


@pytest.mark.parametrize(
    "code",
    ["", "12345", "991234567890123456", "1345678901234567", "13456789012345678９", "13456789012345678x"],
)
def test_a_code_has_its_form(till: Till, code: str) -> None:
    told = till.scan(barcode=code)
    assert told["code"] == (5 if code else 4)
    assert "barcode" in told["msg"]
    assert not Order.objects.exists()


def test_a_store_that_was_not_granted_codes_is_told(till: Till) -> None:
    till.merchant.store.wallet_accounts.update(grants="jsapi trade_create")
    assert till.scan()["code"] == 44
    assert not Order.objects.exists()


def test_a_store_without_the_wallet_is_told(till: Till) -> None:
    other = next(code for wallet, code in CODES.items() if wallet != till.wallet)
    assert till.scan(barcode=other + PAYS)["code"] == 44
    assert not Order.objects.exists()


def test_a_till_learns_the_number_while_the_customer_types_the_password(till: Till) -> None:
    """A till that reads no orderNo charges again."""
    told = till.scan(HESITATES, partnerOrderNo="b1")
    assert (told["code"], told["status"], told["partnerOrderNo"]) == (1, 0, "b1")
    assert told["orderNo"] == Order.objects.get().order_no


def test_a_till_learns_the_number_when_the_outcome_is_not_known(till: Till) -> None:
    till.sandbox.fault("http-500", operation="create")
    told = till.scan(partnerOrderNo="b1")
    assert (told["status"], told["partnerOrderNo"]) == (0, "b1")
    assert told["orderNo"] == Order.objects.get().order_no


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"orderAmount": None}, 4), ({"barcode": "1"}, 5), ({"storeNo": "9"}, 3), ({"currency": "USD"}, 5)],
)
def test_a_refusal_does_not_tell_the_till_to_wait(till: Till, changes: dict, code: int) -> None:
    told = till.scan(**changes)
    assert told["code"] == code
    assert "status" not in told
    assert not Order.objects.exists()


@pytest.mark.parametrize("error", [KeyError("x"), SecretUnreadable()], ids=repr)
def test_whatever_goes_wrong_the_till_learns_the_number(
    till: Till, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The customer may have paid: a till that knows of no order would charge again."""
    wallet = wallet_classes()[till.wallet]
    real = wallet.pay_by_barcode

    def charge(self: Wallet, request: PaymentRequest) -> None:
        real(self, request)
        raise error

    monkeypatch.setattr(wallet, "pay_by_barcode", charge)
    body = order_body(partnerOrderNo="b1", barcode=CODES[till.wallet] + PAYS, wallet=None)
    told = json.loads(till.merchant.post("/api/offline/pay", envelope(header(), body)).content)
    told = told["response"]["body"]
    assert (told["code"], told["status"], told["orderNo"]) == (9, 0, Order.objects.get().order_no)
    Payment.objects.update(next_query_at=clock.now(), queried_at=None)
    poll_platforms()
    assert Order.objects.get().state == "paid"


def test_after_a_restore_a_sale_is_not_charged_with_another_wallet(till: Till) -> None:
    """The sale is lost, and the customer, asked again, shows the code of another app."""
    other = "Alipay" if till.wallet == "Wechat" else "Wechat"
    add_other = {
        "Alipay": lambda: till.sandbox.alipay_account(till.merchant.store, grants="trade_create barcode"),
        "Wechat": lambda: till.sandbox.wechat_account(till.merchant.store, grants="jsapi codepay"),
    }
    add_other[other]()
    assert till.scan(partnerOrderNo="b1")["status"] == 1
    paid = Payment.objects.get()
    lose(Order.objects.get())
    restored()
    answer = till.scan(partnerOrderNo="b1", barcode=CODES[other] + PAYS)
    assert (answer["code"], answer["status"]) == (1, 1)
    assert len(till.sandbox.trades) == 1
    payment = Payment.objects.get()
    assert (payment.account_id, payment.wallet, payment.trade_no) == (
        paid.account_id, paid.wallet, paid.trade_no
    )  # fmt: skip
    assert Order.objects.get().wallet == paid.wallet
