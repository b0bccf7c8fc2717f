"""Staff see their own rows, may do what their group may, and are refused the rest."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import (
    Endpoint,
    HostClock,
    Notification,
    NotificationAttempt,
    Order,
    Partner,
    Payment,
    SignKey,
    StaffScope,
    Store,
    WalletAccount,
)
from tests.admin.pages import url
from tests.merchant import SIGN_KEY, Merchant
from tests.operations.order_story.seed import Story, seed
from tests.people import ROLES, sign_in
from tests.rows import Rows

pytestmark = pytest.mark.django_db
DESK = "admin:scanforpay_delivery_desk"


def step(order: Order, name: str) -> str:
    return reverse(f"admin:scanforpay_order_{name}", args=[order.pk])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tie", ["partner", "store"])
def test_each_role_sees_its_own_orders(busy: Merchant, role: str, tie: str) -> None:
    client = sign_in(role, **{tie: getattr(busy, tie)})
    order = Order.objects.first()
    assert order is not None
    assert order.partner_order_no in client.get(url(Order, "changelist")).content.decode()
    assert client.get(url(Order, "change", order.pk)).status_code == 200
    found = client.get(url(Order, "changelist"), {"q": order.order_no}).content
    assert order.partner_order_no in found.decode()


def test_staff_of_a_store_see_nothing_of_the_partners_other_stores(busy: Merchant, rows: Rows) -> None:
    sibling = rows.store(busy.partner)
    order = rows.order("https://sibling.example/n", sibling)
    Endpoint.objects.create(partner=busy.partner, origin="https://sibling.example:443", key="sibling")
    client = sign_in("developer", store=busy.store)
    pages = [client.get(url(model, "changelist")) for model in (Order, Store, Endpoint, Partner, SignKey)]
    pages.append(client.get(url(Partner, "change", busy.partner.pk)))
    pages.append(client.get(reverse(DESK)))
    assert {page.status_code for page in pages} == {200}
    text = "".join(page.content.decode() for page in pages)
    assert not [word for word in (order.order_no, sibling.store_no, "sibling") if word in text]
    assert busy.store.store_no in text


def buttons(page: Any) -> set[str]:
    """The steps that a page offers."""
    found = re.findall(
        r'/order/\d+/(refund|close|ask)/|name="(_send_again|_return|_refund)"', page.content.decode()
    )
    return {name for pair in found for name in pair if name}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("cashier", set()),
        ("shop manager", {"close", "ask"}),
        ("accountant", set()),
        ("developer", set()),
        ("operator", {"close", "ask"}),
    ],
)
def test_a_page_has_the_buttons_that_its_reader_may_press(
    merchant: Merchant, role: str, may: set[str]
) -> None:
    order = seed(merchant.store, Story(name="an attempt is open", payments=({},), says=""))
    client = sign_in(role, partner=merchant.partner)
    assert buttons(client.get(url(Order, "change", order.pk))) == may
    may_open = {"refund"} if role in ("shop manager", "accountant") else set()
    for name in {"refund", "close", "ask"} - may - may_open:
        assert (
            client.post(step(order, name), {"_refund": "1", "amount": "1", "reason": "x"}).status_code == 403
        )
    assert Order.objects.get().state == "pending"


@pytest.mark.parametrize(
    ("role", "may"), [("cashier", True), ("shop manager", True), ("developer", True), ("accountant", False)]
)
def test_who_may_resend(busy: Merchant, role: str, may: bool) -> None:
    Notification.objects.update(state="exhausted")
    told = Notification.objects.get()
    client = sign_in(role, store=busy.store)
    assert client.get(reverse(DESK)).status_code == (200 if may else 403)
    action = {"action": "send_selected_again", "_selected_action": told.pk}
    assert client.post(url(Notification, "changelist"), action).status_code == (302 if may else 403)
    assert Notification.objects.get().state == ("pending" if may else "exhausted")
    Notification.objects.update(state="exhausted")
    sent = client.post(url(Notification, "change", told.pk), {"_send_again": "1"})
    assert sent.status_code == (302 if may else 403)
    assert Notification.objects.get().state == ("pending" if may else "exhausted")


def test_the_desk_resends_what_is_ones_own(busy: Merchant, rows: Rows) -> None:
    """Of the partner the notifications of one's store, not those of its other stores."""
    sibling = rows.notification("https://sibling.example/n", rows.store(busy.partner))
    Notification.objects.update(state="exhausted")
    client = sign_in("developer", store=busy.store)
    form = {"partner": busy.partner.pk, "since_0": "", "since_1": "", "_resend": "1"}
    page = client.post(reverse(DESK), form, follow=True).content.decode()
    assert "1 notification will be resent" in page
    sibling.refresh_from_db()
    assert sibling.state == "exhausted"


def test_a_developer_has_a_console_and_no_secret(busy: Merchant) -> None:
    told = Notification.objects.get()
    NotificationAttempt.objects.create(
        notification=told, number=1, state="failed", answer="<h1>Fatal error</h1>"
    )
    client = sign_in("developer", partner=busy.partner)
    page = client.get(url(Notification, "change", told.pk)).content.decode()
    assert "Fatal error" in page
    assert 'name="_send_again"' in page
    key = SignKey.objects.get()
    for place in (
        url(SignKey, "changelist"),
        url(SignKey, "change", key.pk),
        url(Partner, "change", key.partner_id),
    ):
        shown = client.get(place).content.decode()
        assert SIGN_KEY[-4:] in shown
        assert SIGN_KEY not in shown
        assert key.secret_ciphertext not in shown
    for model in (Payment, WalletAccount):
        assert client.get(url(model, "changelist")).status_code == 403
        assert client.get(url(model, "change", model.objects.first().pk)).status_code == 403
    for place in (url(SignKey, "add"), url(WalletAccount, "add"), url(Partner, "add"), url(Store, "add")):
        assert client.post(place, {"name": "x"}).status_code == 403
    assert client.post(url(SignKey, "change", key.pk), {"name": "mine"}).status_code == 403


def test_the_end_of_a_short_key_is_not_shown(busy: Merchant) -> None:
    key = SignKey.objects.get()
    key.set_secret("123456-wxyz")
    key.save()
    client = sign_in("developer", partner=busy.partner)
    assert "wxyz" not in client.get(url(SignKey, "change", key.pk)).content.decode()
    SignKey.objects.update(secret_ciphertext="of another encryption key")
    assert client.get(url(SignKey, "change", key.pk)).status_code == 200


@pytest.mark.parametrize("tie", ["partner", "store"])
def test_what_concerns_all_stores_is_changed_by_staff_of_the_partner(busy: Merchant, tie: str) -> None:
    may = tie == "partner"
    client = sign_in("", "view_signkey", "change_signkey", "add_signkey", "view_partner", "change_partner", "add_store",
                     "add_partner", **{tie: getattr(busy, tie)})  # fmt: skip
    key = SignKey.objects.get()
    ended = client.post(
        url(SignKey, "change", key.pk), {"name": "x", "valid_until_0": "2030-01-01", "valid_until_1": "00:00"}
    )
    assert ended.status_code == (302 if may else 403)
    assert client.post(url(Partner, "change", busy.partner.pk), {"name": "x"}).status_code in (
        (200, 302) if may else (403,)
    )
    form = {"partner": busy.partner.pk, "name": "new", "valid_from_0": "2026-01-01", "valid_from_1": "00:00"}
    client.post(url(SignKey, "add"), form)
    assert SignKey.objects.filter(name="new").exists() is may
    assert client.get(url(Partner, "add")).status_code == 403


def test_scopes_are_given_by_those_who_see_all(busy: Merchant, django_user_model: Any) -> None:
    names = ("view_staffscope", "add_staffscope", "change_staffscope", "delete_staffscope")
    clerk = sign_in("", *names, partner=busy.partner)
    own = StaffScope.objects.get()
    for place in (url(StaffScope, "changelist"), url(StaffScope, "add")):
        assert clerk.get(place).status_code == 403
    assert (
        clerk.post(url(StaffScope, "add"), {"user": own.user_id, "store": busy.store.pk}).status_code == 403
    )
    assert clerk.post(url(StaffScope, "delete", own.pk), {"post": "yes"}).status_code in (302, 403)
    assert StaffScope.objects.get() == own


def test_hosts_are_named_to_those_who_see_all(busy: Merchant) -> None:
    HostClock.objects.record("web-1", 1860)
    assert (
        "web-1"
        not in sign_in("shop manager", partner=busy.partner).get(url(Order, "changelist")).content.decode()
    )
    assert "web-1" in sign_in("operator", name="op").get(url(Order, "changelist")).content.decode()


def test_an_own_admin_site_has_the_same_scopes(busy: Merchant, rows: Rows, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.sites.desk"
    other = rows.order("https://other.example/n")
    client: Client = sign_in("cashier", store=busy.store)
    page = client.get("/desk/scanforpay/order/").content.decode()
    own = Order.objects.filter(store=busy.store).first()
    assert own is not None
    assert own.partner_order_no in page
    assert other.partner_order_no not in page
    missing = client.get(f"/desk/scanforpay/order/{other.pk}/change/")
    assert (missing.status_code, missing.headers["Location"]) == (302, "/desk/")


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja", "en"])
def test_in_four_languages(busy: Merchant, language: str) -> None:
    client = sign_in("operator")
    label = {"zh-hans": "末四位", "zh-hant": "末四位", "ja": "末尾4文字", "en": "Last four characters"}[
        language
    ]
    page = client.get(url(SignKey, "changelist"), headers={"accept-language": language}).content.decode()
    assert label in page
    scopes = {"zh-hans": "员工范围", "zh-hant": "員工範圍", "ja": "スタッフの担当範囲", "en": "Staff scopes"}[
        language
    ]
    assert (
        scopes in client.get(reverse("admin:index"), headers={"accept-language": language}).content.decode()
    )


def test_a_list_takes_no_more_statements_for_more_rows(
    busy: Merchant, rows: Rows, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("shop manager", "view_signkey", "view_partner", "view_endpoint", partner=busy.partner)
    for number in range(30):
        rows.notification(f"https://shop{number}.example/n", rows.store(busy.partner))
        rows.key(busy.partner, f"a long enough secret {number}")
    for model in (Order, Notification, Store, SignKey, Payment):
        with django_assert_max_num_queries(18):
            assert client.get(url(model, "changelist")).status_code == 200
    assert admin.site.is_registered(StaffScope)
