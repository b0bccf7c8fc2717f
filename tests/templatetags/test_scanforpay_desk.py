"""The tags that the staff desk's pages are written with."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import (
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    Payment,
    Refund,
    Store,
)
from scanforpay_django.templatetags.scanforpay_desk import STATE_LOOKS
from tests.admin.pages import url
from tests.people import sign_in

MOMENT = datetime(2026, 11, 28, 9, 42, 7, 999_999, tzinfo=UTC)
PAGES = {
    "overview": reverse("admin:app_list", args=["scanforpay"]),
    "orders": url(Order, "changelist"),
    "delivery": url(Notification, "changelist"),
}


def render(text: str, **names: Any) -> str:
    return Template("{% load scanforpay_desk %}" + text).render(Context(names))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (2100, "CNY", "<abbr>CNY</abbr>21.00"),
        (210, "JPY", "<abbr>JPY</abbr>210"),
        (4_821_650, "CNY", "<abbr>CNY</abbr>48,216.50"),
        (-500, "KWD", "<abbr>KWD</abbr>−0.500"),
        (0, "HKD", "<abbr>HKD</abbr>0.00"),
        (7, "<b>", "<abbr>&lt;b&gt;</abbr>7"),
    ],
)
def test_money_is_unambiguous(amount: int, currency: str, shown: str) -> None:
    text = render("{% desk_money amount currency %}", amount=amount, currency=currency)
    assert text == f'<span class="sp-money">{shown}</span>'


def test_nothing_is_shown_of_nothing() -> None:
    assert render("{% desk_money None 'CNY' %}{% desk_time None %}") == ""


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (None, ("2026-11-28T10:42:07+01:00", "2026-11-28 10:42:07")),
        (Store(), ("2026-11-28T10:42:07+01:00", "2026-11-28 10:42:07")),
        (Store(timezone="Asia/Shanghai"), ("2026-11-28T17:42:07+08:00", "2026-11-28 17:42:07")),
        (ZoneInfo("America/New_York"), ("2026-11-28T04:42:07-05:00", "2026-11-28 04:42:07")),
    ],
)
def test_a_moment_is_shown_in_the_stores_zone(zone: Any, shown: tuple[str, str], settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    text = render("{% desk_time moment zone %}", moment=MOMENT, zone=zone)
    assert text == f'<time datetime="{shown[0]}">{shown[1]}</time>'


def test_every_state_has_its_look() -> None:
    models: list[Any] = [Order, Payment, Refund, Notification, NotificationAttempt, HandlerCall]
    assert {state for model in models for state in model.State.values} - set(STATE_LOOKS) == set()
    icons = {icon for _look, icon in STATE_LOOKS.values()} | {"part", "info"}
    symbols = render("{% include 'admin/scanforpay/desk_icons.html' %}")
    assert [icon for icon in icons if f'id="sp-{icon}"' not in symbols] == []


def test_a_state_is_icon_word_and_colour() -> None:
    text = render("{% desk_state order %}", order=Order(state="expired"))
    assert 'class="sp-st off"' in text
    assert 'href="#sp-exp"' in text
    assert ">expired</span>" in text
    assert "partly refunded" in render("{% desk_state order %}", order=Order(state="paid", refunded_amount=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("permissions", "offered"),
    [
        (("view_order", "view_notification"), {"overview", "orders", "delivery"}),
        (("view_order",), {"overview", "orders"}),
        (("view_store",), {"overview"}),
    ],
)
def test_the_menu_has_what_its_reader_may_open(permissions: tuple[str, ...], offered: set[str]) -> None:
    clerk = sign_in("", *permissions)
    for page in [PAGES[name] for name in offered - {"overview"}] or [url(Store, "changelist")]:
        text = clerk.get(page).content.decode()
        menu = text.partition('<nav class="sp-nav"')[2].partition("</nav>")[0]
        assert {name for name, place in PAGES.items() if f'href="{place}"' in menu} == offered
        assert menu.count(f'href="{page}" aria-current="page"') == (page in PAGES.values())
        assert "scanforpay/desk.css" in text


@pytest.mark.django_db
def test_the_menu_is_on_every_list_and_form_but_not_in_popups(admin_client: Client) -> None:
    for model in apps.get_app_config("scanforpay").get_models():
        try:
            page = url(model, "changelist")
        except Exception:  # not in admin
            continue
        assert 'class="sp-nav"' in admin_client.get(page).content.decode(), page
        assert 'class="sp-nav"' not in admin_client.get(page, {"_popup": 1}).content.decode(), page


@pytest.mark.django_db
def test_a_page_below_an_entry_marks_it(admin_client: Client) -> None:
    text = admin_client.get(reverse("admin:scanforpay_delivery_desk")).content.decode()
    assert f'href="{PAGES["delivery"]}" aria-current="true"' in text
    assert "scanforpay/desk.css" in text


@pytest.mark.django_db
def test_the_request_need_not_be_among_the_names(admin_client: Client, settings: Any) -> None:
    (engine,) = settings.TEMPLATES
    processors = [
        name for name in engine["OPTIONS"]["context_processors"] if not name.endswith("processors.request")
    ]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "context_processors": processors}}]
    for page in PAGES.values():
        assert 'class="sp-nav"' in admin_client.get(page).content.decode()


def test_the_style_sheet_is_found() -> None:
    assert finders.find("scanforpay/desk.css")
