"""Migrate, create, pay, notify the merchant, refund: ``python -m tests.routed.story``, with tests.routed.settings."""

import http.server
import threading

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from scanforpay_django.merchant_notify.delivery import drain  # noqa: E402
from scanforpay_django.models import HandlerCall, Notification, Order, PlatformNotification, Refund  # noqa: E402
from tests.merchant import Merchant, envelope, header, seed_merchant  # noqa: E402
from tests.people import sign_in  # noqa: E402
from tests.platform import AlipayNotice, WeChatNotice, accepted, give_credentials, open_payment  # noqa: E402


class Shop(http.server.BaseHTTPRequestHandler):
    """Says "success"."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"success")

    def log_message(self, *_: object) -> None:
        """Nothing."""


def pay(merchant: Merchant, wallet: str, notify_url: str) -> Order:
    payment = open_payment(merchant, wallet, notifyUrl=notify_url)
    notice = WeChatNotice(payment) if wallet == "Wechat" else AlipayNotice(payment)
    for _ in range(2):
        assert accepted(wallet, notice.send())
    payment.order.refresh_from_db()
    return payment.order


def look_around(merchant: Merchant, order: Order) -> None:
    """Staff are in the project's own database, and what they are tied to is in the other one."""
    cashier, nobody = sign_in("cashier", store=merchant.store), sign_in("cashier", name="nobody")
    assert order.partner_order_no in cashier.get("/admin/scanforpay/order/").content.decode()
    assert order.partner_order_no not in nobody.get("/admin/scanforpay/order/").content.decode()
    place = f"/admin/scanforpay/order/{order.pk}/"
    assert "What happened" in cashier.get(f"{place}change/").content.decode()
    operator = sign_in("operator", name="desk")
    assert operator.post(f"{place}resend/").status_code == 302
    assert "notification will be resent" in operator.get(f"{place}history/").content.decode()
    page = sign_in("operator", name="op").get("/admin/scanforpay/staffscope/").content.decode()
    assert ">clerk<" in page
    assert merchant.store.store_no in page


def main() -> None:
    for alias in ("default", "payments"):
        call_command("migrate", database=alias, verbosity=0)
    call_command("check", fail_level="ERROR")
    tables = connections["default"].introspection.table_names()
    assert not [name for name in tables if name.startswith("scanforpay")], tables
    merchant = seed_merchant()
    give_credentials(merchant)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{shop.server_port}/n"
        orders = [pay(merchant, wallet, url) for wallet in ("Wechat", "Alipay")]
        assert [order.state for order in orders] == ["paid", "paid"]
        assert [one.times_seen for one in PlatformNotification.objects.all()] == [2, 2]
        assert drain().delivered == 2
        shop.shutdown()
    assert set(Notification.objects.values_list("state", flat=True)) == {"delivered"}
    look_around(merchant, orders[0])
    query = merchant.query(partnerOrderNo=orders[0].partner_order_no)
    assert (query["code"], query["status"]) == (1, 1), query
    for order in orders:
        body = {"partnerOrderNo": order.partner_order_no, "refundNo": f"r{order.pk}", "orderAmount": 700}
        merchant.post("/api/common/refund", envelope(header(), body))
    assert Refund.objects.count() == 2
    made = merchant.create()
    assert merchant.call("/api/common/close", {"orderNo": made["orderNo"], "action": "close"})["code"] == 1
    call_command("scanforpay_worker", "--once", verbosity=0)
    call_command("scanforpay_audit", verbosity=0)
    assert not HandlerCall.objects.exists()
    print("paid, notified, refunded, closed")


if __name__ == "__main__":
    main()
