"""The sandbox's page adds coupons, other systems' trades and edits of bills."""

from datetime import timedelta

import pytest

from scanforpay_django.sandbox.bill_controls import edit_bill
from scanforpay_django.sandbox.bill_days import today
from scanforpay_django.sandbox.bill_edits import BillEditError
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from tests.sandbox.bills import fetch_wechat, forward_to, forward_until_published, pay_wechat

pytestmark = pytest.mark.django_db


def post(client, path, **given):
    return client.post(f"/sandbox/{path}", given)


def test_the_page_has_a_form_for_each(client):
    page = client.get("/sandbox/").content.decode()
    assert all(f'action="/sandbox/{path}"' in page for path in ("coupons", "console", "bills"))


def test_the_page_adds_a_coupon(client, direct):
    given = {"amount": "500", "paid_by": "merchant", "count": "1", "merchant": direct.config["mchid"]}
    assert post(client, "coupons", **given).status_code == 302
    pay_wechat(direct)
    assert (Trade.objects.get().coupon, Trade.objects.get().coupon_paid_by) == (500, "merchant")


def test_the_page_uses_the_merchants_number_and_refunds(client, direct):
    given = {"merchant": direct.config["mchid"], "count": "3", "amount": "900", "trade": ""}
    assert post(client, "console", **given).status_code == 302
    assert Trade.objects.count() == 3
    refund = {"trade": Trade.objects.first().out_trade_no, "amount": "300"}
    assert client.post("/sandbox/console", refund, content_type="application/json").json() == {"result": "ok"}
    assert Refund.objects.get().amount == 300


def test_the_page_edits_a_bill_now_or_later(client, direct):
    day = forward_to(12)
    number = pay_wechat(direct)
    forward_until_published(day)
    edit = {"merchant": direct.config["mchid"], "day": day.isoformat(), "number": number}
    assert post(client, "bills", **edit, act="set", field="amount", value="20.00").status_code == 302
    later = f"{day + timedelta(days=1)}T13:00:00+08:00"
    assert post(client, "bills", **edit, act="double", published_at=later).status_code == 302
    assert [line["订单金额"] for line in fetch_wechat(direct, day).lines] == ["20.00"]
    forward_to(13, 1)
    assert [line["订单金额"] for line in fetch_wechat(direct, day).lines] == ["20.00", "20.00"]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("coupons", {"amount": "0", "paid_by": "merchant"}),
        ("coupons", {"amount": "x", "paid_by": "merchant"}),
        ("coupons", {"amount": "5", "paid_by": "us"}),
        ("coupons", {"amount": "5", "paid_by": "merchant", "merchant": "0"}),
        ("coupons", {"amount": "5", "paid_by": "merchant", "trade": "0"}),
        ("console", {}),
        ("console", {"merchant": "0"}),
        ("bills", {"day": "2026-11-01", "act": "cut"}),
        ("bills", {"merchant": "known", "day": "yesterday", "act": "cut"}),
        ("bills", {"merchant": "known", "day": "2026-11-01", "act": "burn"}),
        (
            "bills",
            {"merchant": "known", "day": "2026-11-01", "act": "late", "published_at": "2026-11-02T10:00"},
        ),
    ],
)
def test_the_page_refuses_in_words(client, direct, path, given):
    given = {**given, **({"merchant": direct.config["mchid"]} if given.get("merchant") == "known" else {})}
    answer = client.post(f"/sandbox/{path}", given)
    assert (answer.status_code, bool(answer.content)) == (400, True)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "statement", "act": "cut"},
        {"act": "set", "field": "colour"},
        {"act": "total", "field": "amount"},
        {"act": "set", "field": "amount", "line": "fee"},
    ],
)
def test_what_a_bill_does_not_have_is_refused(direct, given):
    with pytest.raises(BillEditError):
        edit_bill(Merchant.objects.get(number=direct.config["mchid"]), today(), **given)
