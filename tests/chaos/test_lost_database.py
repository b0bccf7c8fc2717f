"""The database is lost, an hour after it was copied, and the copy takes its place.

    TEST_DATABASE_URL=postgres://postgres@127.0.0.1/drill EVERY_CASE=1 pytest tests/chaos/test_lost_database.py

is the drill with a thousand orders and 40 merchants; without EVERY_CASE it is the same with a few. The platforms are
the sandbox's: their tables stay, as a platform's do.
"""

import os
import random
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from scanforpay_django import clock
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.books.follow import PostingFollower
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    ChainLink,
    Difference,
    Notification,
    Order,
    Partner,
    Payment,
    Posting,
    Refund,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.chain.follow import catch_up as link_all
from scanforpay_django.operations.chain.verify import ChainVerification
from scanforpay_django.sandbox.models import Refund as PlatformRefund
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.sandbox.pay_page import CustomerError
from scanforpay_django.sandbox.testing import Sandbox
from tests.books.test_bill_schedule import china_today, move_to
from tests.causes import STAFF
from tests.chaos.postgres_tools import run_tool
from tests.lost_orders import notify_again
from tests.merchant import SIGN_KEY, Merchant, envelope, header, order_body

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.pg_dump,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
]
IS_WHOLE = bool(os.environ.get("EVERY_CASE"))


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of each."""

    merchants: int
    # in the copy
    orders: int
    refunds: int
    # in the hour that is lost
    new_orders: int
    new_refunds: int
    late: int
    scans: int
    staff_refunds: int


SIZE = (
    Size(
        merchants=40,
        orders=1000,
        refunds=200,
        new_orders=300,
        new_refunds=80,
        late=40,
        scans=30,
        staff_refunds=20,
    )
    if IS_WHOLE
    else Size(
        merchants=4, orders=24, refunds=5, new_orders=16, new_refunds=5, late=3, scans=3, staff_refunds=2
    )
)


@dataclass
class Shop:
    """A merchant with an account at one platform."""

    merchant: Merchant
    account: WalletAccount = field(init=False)
    # number -> what was asked for
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """As the merchant's own server."""
        raw = envelope(header(partnerNo=self.merchant.partner.partner_no), body, SIGN_KEY)
        answer = self.merchant.post(path, raw)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()["response"]["body"]
        return found

    def create(self, number: str) -> Order:
        """An order, or the same one again."""
        body = self.asked.setdefault(
            number,
            order_body(
                storeNo=self.merchant.store.store_no, partnerOrderNo=number, wallet=self.account.wallet,
                orderAmount=100 + len(self.asked), notifyUrl="https://shop.example/n",
            ),
        )  # fmt: skip
        assert self.call("/api/jspay/create", body)["code"] == 1
        return Order.objects.get(partner=self.merchant.partner, partner_order_no=number)

    def scan(self, number: str) -> None:
        """A customer's code at the till, who pays."""
        code = "134567890123456785" if self.account.wallet == "Wechat" else "2812345678901235"
        body = {
            "storeNo": self.merchant.store.store_no, "partnerOrderNo": number, "barcode": code, "orderAmount": 300,
            "orderTitle": "tea", "notifyUrl": "https://shop.example/n",
        }  # fmt: skip
        assert self.call("/api/offline/pay", body)["status"] == 1

    def refund(self, number: str, amount: int) -> None:
        """A part of it goes back; said again it is the same refund."""
        body = {"partnerOrderNo": number, "refundNo": f"r-{number}", "orderAmount": amount}
        answer = self.call("/api/common/refund", body)
        assert answer["code"] == 1, answer


class Drill:
    """The shops, their customers, and what was told to whom."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.rng = random.Random(20261130)
        self.shops = [self.open_shop(number) for number in range(SIZE.merchants)]

    def open_shop(self, number: int) -> Shop:
        """Every fourth is at Alipay."""
        shop = self._register(number)
        make = self.sandbox.alipay_account if number % 4 == 3 else self.sandbox.wechat_account
        grants = "trade_create barcode" if number % 4 == 3 else "jsapi codepay"
        shop.account = make(shop.merchant.store, grants=grants)
        WalletAccount.objects.filter(pk=shop.account.pk).update(created_at=clock.now() - timedelta(days=30))
        return shop

    def open_again(self, shop: Shop) -> None:
        """What staff do for a shop that was made since the copy: the same numbers, and the platform's credentials."""
        number = int(shop.merchant.partner.partner_no) - 20000
        old, again = shop.account, self._register(number)
        shop.merchant = again.merchant
        shop.account = WalletAccount(
            store=again.merchant.store,
            wallet=old.wallet,
            environment=old.environment,
            config=old.config,
            grants=old.grants,
        )
        shop.account.secrets_ciphertext = old.secrets_ciphertext
        shop.account.save()

    def _register(self, number: int) -> Shop:
        partner = Partner.objects.create(partner_no=f"{20000 + number}", name="Shop", test_mode=False)
        key = SignKey(partner=partner)
        key.set_secret(SIGN_KEY)
        key.save()
        store = Store.objects.create(
            partner=partner, store_no=f"{number:012d}", name="Shop", late_payment="keep"
        )
        return Shop(merchant=Merchant(partner=partner, store=store))

    def shop(self, number: int) -> Shop:
        """They take turns."""
        return self.shops[number % len(self.shops)]

    def pay(self, order: Order) -> str:
        """Our number of the payment."""
        assert self.sandbox.pay(order).state == "paid"
        found: str = order.payments.get(is_applied=True).out_trade_no
        return found

    def pay_late(self, shop: Shop, number: str) -> None:
        """The customer opens the page, the shop closes the order, and the customer pays all the same."""
        order = Order.objects.get(partner=shop.merchant.partner, partner_order_no=number)
        self.sandbox.pay(order, outcome="cancel")
        trade = Trade.objects.get(out_trade_no=order.payments.get().out_trade_no)
        body = {"partnerOrderNo": number, "action": "close"}
        assert shop.call("/api/common/close", body)["code"] == 1
        self.sandbox.fault("pay-after-close", trade=trade)
        trade.refresh_from_db()
        assert self.sandbox.confirm(trade)
        assert self.sandbox.wait_for_notices()


def recover(*arguments: str) -> tuple[str, bool]:
    """What the command writes, and whether it is over."""
    out = StringIO()
    try:
        call_command("scanforpay_recover", *arguments, "--per-second", "1000", "--threads", "1", stdout=out)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


def message_ids() -> dict[tuple[str, str], str]:
    rows = Notification.objects.filter(kind="paid")
    return {
        (partner, number): message
        for partner, number, message in rows.values_list(
            "partner__partner_no", "order__partner_order_no", "message_id"
        )
    }


def sums_there() -> dict[int, int]:
    """What each account has at its platform, by the platform's own books, without fees."""
    found = {}
    for account in WalletAccount.objects.all():
        own = Trade.objects.filter(
            merchant__number=account.config.get("mchid") or account.config["seller_id"]
        )
        paid = own.filter(paid_at__isnull=False).aggregate(total=Sum("amount"))["total"] or 0
        back = PlatformRefund.objects.filter(trade__in=own, state="SUCCESS").aggregate(total=Sum("amount"))
        found[account.pk] = paid - (back["total"] or 0)
    return found


def sums_here() -> dict[int, int]:
    """The same by the ledger: what was collected less what went back."""
    follower = PostingFollower()
    while follower():
        continue
    found = dict.fromkeys(WalletAccount.objects.values_list("pk", flat=True), 0)
    for posting in Posting.objects.filter(kind__in=["collected", "refunded", "requested"]):
        for side, sign in ((posting.source, -1), (posting.destination, 1)):
            if side.startswith("platform:"):
                found[posting.account_id] += sign * posting.amount
    return found


def live_an_hour(drill: Drill, open_orders: list[tuple[Shop, str]]) -> dict[str, list[tuple[Shop, str]]]:
    """What happens after the copy was made; what each shop's customers did, by kind."""
    done: dict[str, list[tuple[Shop, str]]] = {
        name: [] for name in ("kept", "new", "late", "scanned", "refunded", "staff", "young")
    }
    # Shops that are made meanwhile, with their partners, keys, stores and accounts: one at each platform.
    for place, number in enumerate((SIZE.merchants + 2, SIZE.merchants + 3)):
        shop = drill.open_shop(number)
        for order_no in (f"young-{place}-0", f"young-{place}-1"):
            drill.pay(shop.create(order_no))
            done["young"].append((shop, order_no))
    for shop, number in open_orders:
        if len(done["late"]) < SIZE.late:
            drill.pay_late(shop, number)
            done["late"].append((shop, number))
        else:
            drill.pay(shop.create(number))
            done["kept"].append((shop, number))
    for place in range(SIZE.new_orders):
        shop, number = drill.shop(place), f"new-{place}"
        drill.pay(shop.create(number))
        done["new"].append((shop, number))
    for place in range(SIZE.scans):
        shop, number = drill.shop(place), f"scan-{place}"
        shop.scan(number)
        done["scanned"].append((shop, number))
    for shop, number in [*done["new"], *done["kept"]][: SIZE.new_refunds]:
        shop.refund(number, 50)
        done["refunded"].append((shop, number))
    of_merchants = [*done["new"], *done["kept"]][SIZE.new_refunds :]
    for shop, number in of_merchants[-SIZE.staff_refunds :]:
        requested = RequestedRefund(refund_no="", amount=20, cause=STAFF)
        carry_out(request_refund(shop.create(number), requested))
        done["staff"].append((shop, number))
    drill.sandbox.work()
    assert drill.sandbox.wait_for_notices()
    return done


def numbers_of_trades() -> dict[str, str]:
    """Our number at the platform -> the merchant's."""
    return dict(Payment.objects.values_list("out_trade_no", "order__partner_order_no"))


def find_paid(drill: Drill, shop: Shop, number: str) -> None:
    """The merchant sends the order again, and its customer opens the page: there is nothing to pay."""
    order = shop.create(number)
    with pytest.raises(CustomerError, match="'paid'"):
        drill.sandbox.pay(order)


def next_morning() -> None:
    """Bills are out, and the worker fetches them."""
    move_to(china_today() + timedelta(days=1), "10:30")
    while reconcile_due():
        continue


@pytest.fixture
def drill(scanforpay_sandbox: Sandbox, settings: Any) -> Drill:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    return Drill(scanforpay_sandbox)


def lost_payments() -> set[str]:
    """Paid at a platform, and not here."""
    there = Trade.objects.filter(paid_at__isnull=False).values_list("out_trade_no", flat=True)
    return set(there) - set(Payment.objects.filter(state="paid").values_list("out_trade_no", flat=True))


def live_until_the_copy(drill: Drill) -> list[tuple[Shop, str]]:
    """The orders that are open by then."""
    numbers = [(drill.shop(place), f"old-{place}") for place in range(SIZE.orders)]
    open_orders = numbers[: SIZE.orders // 3]
    for shop, number in numbers:
        order = shop.create(number)
        if (shop, number) not in open_orders:
            drill.pay(order)
    for shop, number in numbers[-SIZE.refunds :]:
        shop.refund(number, 30)
    drill.sandbox.work()
    return open_orders


def test_the_drill(drill: Drill, tmp_path: Path) -> None:
    open_orders = live_until_the_copy(drill)
    copied_at, copy = clock.now(), tmp_path / "copy"
    own = ["--table=public.scanforpay_*", "--exclude-table=public.scanforpay_sandbox_*"]
    run_tool("pg_dump", "--format=custom", *own, f"--file={copy}")

    done = live_an_hour(drill, open_orders)
    told, by_trade = message_ids(), numbers_of_trades()
    there = (Trade.objects.count(), PlatformRefund.objects.count())
    run_tool("pg_restore", "--clean", "--if-exists", "--single-transaction", str(copy))

    # At once, and in minutes.
    waiting = dict(Notification.objects.values_list("message_id", "next_at"))
    out, is_over = recover("--backup-from", copied_at.isoformat())
    assert not is_over, out
    assert f"{len(open_orders)} asked about now" in out
    # Of merchants that nothing happened to, nothing waits.
    assert (
        dict(Notification.objects.filter(message_id__in=waiting).values_list("message_id", "next_at"))
        == waiting
    )
    # A platform repeats what was not acknowledged: every third of the new ones.
    repeated = {number for place, (_shop, number) in enumerate(done["new"]) if place % 3 == 0}
    of_the_hour = {number for _shop, number in done["new"] + done["scanned"] + done["young"]}
    assert {by_trade[trade] for trade in lost_payments()} == of_the_hour
    for trade in lost_payments():
        if by_trade[trade] in repeated:
            notify_again(trade)
    # What staff gave back of orders of the copy is here again.
    of_copy = [number for shop, number in done["staff"] if (shop, number) in open_orders]
    assert Refund.objects.filter(source="platform", order__partner_order_no__in=of_copy).count() == len(
        of_copy
    )
    out, _is_over = recover()
    # Alipay's own list names those of its accounts that are here.
    young = {number for _shop, number in done["young"]}
    listed = [
        trade
        for trade in lost_payments()
        if by_trade[trade] not in young and Trade.objects.get(out_trade_no=trade).merchant.app == "alipay"
    ]
    assert f"{len(listed)} payments of orders that are not here" in out
    # What nothing has told of is what no message of a platform was about: it is said to be unknown.
    assert {by_trade[trade] for trade in lost_payments()} == of_the_hour - repeated
    # Staff make again what was made since the copy, with its numbers.
    for shop in {id(shop): shop for shop, _number in done["young"]}.values():
        drill.open_again(shop)
    # A merchant that asks for its order again finds it paid, and its customer pays nothing.
    again = [(shop, number) for shop, number in done["new"] if number not in repeated][:4] + done["young"][
        ::2
    ]
    for shop, number in again:
        find_paid(drill, shop, number)

    # On the next day.
    next_morning()
    out, is_over = recover()
    assert is_over, out
    # Alipay's bill has no field of ours: those orders are named, and come back when their merchants send them again.
    unknown = {by_trade[one.number] for one in Difference.objects.open().filter(kind="unknown_order")}
    assert unknown == {by_trade[trade] for trade in lost_payments()}
    left = [
        (shop, number) for shop, number in done["new"] + done["scanned"] + done["young"] if number in unknown
    ]
    assert {shop.account.wallet for shop, _number in left} == {"Alipay"}
    for shop, number in left:
        if number.startswith("scan"):
            shop.scan(number)
        else:
            find_paid(drill, shop, number)
    # Merchants do not know how their refunds and orders ended, and send them again.
    for shop, number in done["new"] + done["young"]:
        shop.create(number)
    for shop, number in done["scanned"]:
        shop.scan(number)
    for shop, number in done["refunded"]:
        shop.refund(number, 50)
    drill.sandbox.work()
    assert not lost_payments()
    assert sums_here() == sums_there()
    assert (Trade.objects.count(), PlatformRefund.objects.count()) == there
    assert told.items() <= message_ids().items()
    assert not list(audit())
    link_all()
    assert list(ChainVerification().run()) == []
    assert ChainLink.objects.filter(act="segment").count() > 1
