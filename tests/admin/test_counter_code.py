"""Staff make codes, print cards, and watch the till."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from scanforpay_django.models import CounterCode, Logo, Order, Partner, Store
from tests.admin.pages import url
from tests.merchant import Merchant
from tests.people import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture
def code(merchant: Merchant) -> CounterCode:
    return CounterCode.objects.create(store=merchant.store, number="till-1", name="收银台 <1>")


def place(code: CounterCode, page: str) -> str:
    return f"{url(CounterCode, 'changelist')}{code.pk}/{page}"


def test_a_code_is_made_in_a_form(staff: Client, merchant: Merchant) -> None:
    form = {"store": merchant.store.pk, "number": "till-9", "unpaid_per_hour": 60, "is_active": "on"}
    refused = staff.post(url(CounterCode, "add"), {**form, "notify_url": "ftp://x"})
    assert "notify_url" in refused.context["adminform"].form.errors
    staff.post(url(CounterCode, "add"), form)
    code = CounterCode.objects.get()
    assert (code.number, code.store, len(code.token)) == ("till-9", merchant.store, 22)
    page = staff.get(url(CounterCode, "change", code.pk)).content.decode()
    assert place(code, "card.pdf") in page
    assert place(code, "till/") in page
    assert staff.get(url(CounterCode, "changelist")).status_code == 200
    assert staff.get(url(CounterCode, "delete", code.pk)).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en", "ja"])
def test_the_card_has_the_stores_look_and_the_code(staff: Client, code: CounterCode, language: str) -> None:
    logo = Logo.objects.create(digest="d", content_type="image/png", content=PNG)
    Store.objects.update(language=language, color="#8a1538", logo=logo)
    drawn = staff.get(place(code, "card.svg"))
    text = drawn.content.decode()
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert "收银台 &lt;1&gt;" in text
    assert 'fill="#8a1538"' in text
    assert "data:image/png;base64," in text
    assert ("Camellia Tea" if language in ("en", "ja") else "山茶小铺") in text
    printed = staff.get(place(code, "card.pdf"))
    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert len(printed.content) < 60_000


def test_a_replaced_code_leads_nowhere(staff: Client, code: CounterCode) -> None:
    old = f"/api/jspay/counter/{code.token}"
    before = staff.get(place(code, "card.svg")).content
    assert staff.get(place(code, "replace/")).status_code == 302
    assert Client().get(old).status_code == 200
    assert staff.post(place(code, "replace/")).status_code == 302
    assert Client().get(old).status_code == 404
    code.refresh_from_db()
    assert Client().get(f"/api/jspay/counter/{code.token}").status_code == 200
    assert staff.get(place(code, "card.svg")).content != before
    assert LogEntry.objects.get().object_id == str(code.pk)


@pytest.mark.parametrize(
    ("role", "sells", "replaces"),
    [("cashier", 302, 403), ("shop manager", 302, 302), ("accountant", 403, 403)],
)
def test_each_role_does_what_it_may(code: CounterCode, role: str, sells: int, replaces: int) -> None:
    client = sign_in(role, store=code.store)
    opened = client.get(place(code, "till/")).status_code
    assert opened == (403 if role == "accountant" else 200)
    assert client.post(place(code, "till/"), {"amount": "1"}).status_code == sells
    assert client.post(place(code, "replace/")).status_code == replaces


def test_a_strangers_till_is_not_there(code: CounterCode) -> None:
    other = Partner.objects.create(partner_no="20002", name="Other")
    store = Store.objects.create(partner=other, store_no="200020000000001", name="Other")
    client = sign_in("shop manager", store=store)
    for page in ("till/", "till/news/", "card.svg", "card.pdf", "replace/", "change/"):
        assert client.get(place(code, page)).status_code in (302, 404), page
    assert client.post(place(code, "replace/")).status_code == 404
    assert client.post(place(code, "till/"), {"amount": "1"}).status_code == 404
    assert not Order.objects.exists()
