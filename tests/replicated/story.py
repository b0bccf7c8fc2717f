"""Everything, with an empty replica: ``python -m tests.replicated.story``, with tests.replicated.settings."""

import os
import threading
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.routed.story import Shop, pay  # sets Django up

from django.apps import apps  # isort: skip
from django.contrib.admin import site  # isort: skip
from django.contrib.auth import get_user_model  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connections, models, router  # isort: skip
from django.db.backends.signals import connection_created  # isort: skip
from django.test import Client  # isort: skip
from django.test.utils import setup_test_environment  # isort: skip
from django.urls import reverse  # isort: skip

from scanforpay_django.merchant_notify.delivery import drain  # isort: skip
from scanforpay_django.models import Flag, Order, Partner, Refund, SignKey, Store  # isort: skip
from tests.merchant import Merchant, envelope, header, seed_merchant  # isort: skip
from tests.platform import give_credentials  # isort: skip

connected: list[str] = []


def note(connection: Any, **_more: Any) -> None:
    connected.append(connection.alias)


def open_every_page(staff: Client) -> int:
    """Lists, rows and forms of admin for all our models that have one."""
    opened = 0
    for model in apps.get_app_config("scanforpay").get_models():
        if model not in site._registry:
            continue
        name = f"admin:scanforpay_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist"), reverse(f"{name}_changelist") + "?q=tea"]
        rows: Any = model._base_manager.all()
        for row in rows:
            pages += [reverse(f"{name}_change", args=[row.pk]), reverse(f"{name}_history", args=[row.pk])]
        for page in pages:
            assert staff.get(page).status_code == 200, page
        # What staff may not make is refused.
        assert staff.get(reverse(f"{name}_add")).status_code in (200, 403), name
        opened += len(pages)
    return opened


def work_in_admin(staff: Client, merchant: Merchant) -> None:
    """Forms whose rows refer to others."""
    fields = {"partner": merchant.partner.pk, "name": "second", "valid_from_0": "2026-01-01"}
    fields |= {"valid_from_1": "00:00", "existing": ""}
    staff.post(reverse("admin:scanforpay_signkey_add"), fields)
    key = SignKey.objects.select_related("partner").get(name="second")
    assert key.partner.sign_keys.count() == 2
    key.full_clean()
    Flag.objects.first().full_clean()
    change = reverse("admin:scanforpay_store_change", args=[merchant.store.pk])
    form = staff.get(change).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if isinstance(value, str | int)}
    answer = staff.post(change, {**given, "name": "Tea of the primary"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    merchant.store.refresh_from_db()
    assert merchant.store.name == "Tea of the primary"


def open_pay_page(made: dict[str, Any]) -> Any:
    return Client().get(urlsplit(made["payUrl"]).path, headers={"user-agent": "MicroMessenger/8.0"})


def refund(merchant: Merchant, order: Order) -> None:
    body = {"partnerOrderNo": order.partner_order_no, "refundNo": f"r{order.pk}", "orderAmount": 700}
    merchant.post("/api/common/refund", envelope(header(), body))
    found = merchant.call("/api/common/refundQuery", {"refundNo": f"r{order.pk}"})
    assert found["orderAmount"] == 700, found


def main() -> None:
    for alias in ("default", "replica"):
        call_command("migrate", database=alias, verbosity=0)
    setup_test_environment()
    connections["replica"].close()
    connection_created.connect(note)
    assert router.db_for_read(Order) == "replica"
    call_command("check", fail_level="ERROR")
    # From 6.1 on Django's own checks look into each database.
    connected.clear()
    merchant = seed_merchant()
    give_credentials(merchant)
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{shop.server_port}/n"
        orders = [pay(merchant, wallet, url) for wallet in ("Wechat", "Alipay")]
        assert [order.state for order in orders] == ["paid", "paid"]
        assert drain().delivered == 2
        shop.shutdown()
    again = merchant.create(partnerOrderNo=orders[0].partner_order_no, notifyUrl=url)
    assert again["orderNo"] == orders[0].order_no, again
    assert open_pay_page(again).status_code == 200
    assert merchant.query(partnerOrderNo=orders[0].partner_order_no)["status"] == 1
    for order in orders:
        refund(merchant, order)
    assert Refund.objects.count() == 2
    made = merchant.create()
    assert "state=" in open_pay_page(made).headers["Location"]
    assert merchant.call("/api/common/close", {"orderNo": made["orderNo"], "action": "close"})["code"] == 1
    Flag.objects.create(order=orders[0], kind="late_payment")
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("boss", "boss@example.com", "x"))
    assert open_every_page(staff) > 20
    work_in_admin(staff, merchant)
    call_command("scanforpay_worker", "--once", verbosity=0)
    call_command("scanforpay_audit", verbosity=0)
    archive(made["orderNo"])
    assert "replica" not in connected
    # A query set of Django's own shows that one would have been seen.
    assert not models.QuerySet(Partner).exists()
    assert connected[-1] == "replica"
    assert Store.objects.using("replica").count() == 0
    print("paid, notified, refunded, archived, and nothing asked of the replica")


def archive(order_no: str) -> None:
    """Away, and back."""
    path = f"{os.environ['REPLICATED_DIRECTORY']}/orders.jsonl.gz"
    closed = Order.objects.filter(order_no=order_no)
    closed.update(created_at="2020-01-01T00:00:00Z")
    call_command("scanforpay_archive", "--before", "2021-01-01", "--to", path, verbosity=0)
    assert not closed.exists()
    call_command("scanforpay_archive", "--import", path, verbosity=0)
    assert closed.exists()


if __name__ == "__main__":
    main()
