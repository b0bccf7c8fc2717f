"""Staff of one partner walk all of admin with every identifier of another: nothing of it is shown, nothing changes."""

import html
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from scanforpay_django.admin import ADMINS
from scanforpay_django.admin.bulk_acts import PERMISSIONS
from scanforpay_django.models import (
    BillDay,
    BillFile,
    DailyFigure,
    Difference,
    Notification,
    Order,
    Partner,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.operations.figures.follow import follow_changes
from tests.admin.conftest import busy
from tests.admin.pages import url
from tests.merchant import Merchant, envelope, header, order_body
from tests.people import ROLES, sign_in
from tests.stranger import NO_PK, NUMBERS, PK, SECRET, Rows, find_marks, make_stranger, snapshot

__all__ = ["busy"]
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db]
#: the strongest: all permissions but to see all partners
EVERYTHING = "everything"
#: the pages and buttons beside an order's page
STEPS = ("refund", "close", "ask", "resend", "accept", "retry", "redirect")
#: of the set-up, by the keys in their addresses
SET_UP_PAGES = (
    "store", "account", "go_live_store", "go_live", "trial", "trial_state", "trial_code", "check", "confirm",
    "switch_on", "trial_refund",
)  # fmt: skip
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]*"')
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
#: EVERY_ROLE=1 walks as each of the groups; without it those with every permission do, who are shown the most
WHO = [
    *((role, "partner") for role in ROLES if os.environ.get("EVERY_ROLE")),
    (EVERYTHING, "store"),
    *([(EVERYTHING, "partner"), (EVERYTHING, "")] if os.environ.get("EVERY_ROLE") else []),
]


@pytest.fixture(params=WHO, ids=["-".join(one).strip("-") for one in WHO])
def clerk(request: pytest.FixtureRequest, busy: Merchant) -> Client:
    """A member of the first partner's staff; the last one is tied to nobody."""
    role, tie = request.param
    tied_to = {tie: getattr(busy, tie)} if tie else {}
    if role in ROLES:
        return sign_in(role, **tied_to)
    ours = Permission.objects.filter(content_type__app_label="scanforpay").exclude(
        codename="view_all_partners"
    )
    return sign_in("", *ours.values_list("codename", flat=True), **tied_to)


@pytest.fixture
def stranger(busy: Merchant) -> Rows:
    """With the overview's figures of both partners."""
    rows = make_stranger()
    while follow_changes():
        continue
    assert DailyFigure.objects.filter(store=PK).exists()
    return rows


def set_up(page: str) -> str:
    """A page of the set-up, with the stranger's keys: of a partner or store, or of a store and its account."""
    alone = page in ("store", "key", "account", "sandbox", "go_live_store")
    return reverse(f"admin:scanforpay_set_up_{page}", args=[PK] if alone else [PK, PK])


def shown(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return html.unescape(f"{answer.status_code}\n{headers}\n{body.decode()}")


def leaks(text: str, marks: set[str], typed: str = "") -> list[str]:
    """What is in a page beside what was typed."""
    return sorted(mark for mark in marks if mark in text and not (typed and (mark in typed or typed in mark)))


def get_requests(stranger: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every page that is opened by an address."""
    yield reverse("admin:index"), {}
    yield reverse("admin:app_list", args=["scanforpay"]), {}
    yield reverse("admin:app_list", args=["scanforpay"]), {"currency": "CNY"}
    yield reverse("admin:scanforpay_delivery_desk"), {}
    yield reverse("admin:scanforpay_signature"), {}
    for model in ADMINS:
        yield url(model, "changelist"), {}
        yield f"{url(model, 'changelist')}add/", {}
        for page in ("change", "history", "delete"):
            yield url(model, page, PK), {}
        yield f"{url(model, 'changelist')}{PK}/", {}
        kind = ContentType.objects.get_for_model(model)
        yield reverse("admin:view_on_site", args=[kind.pk, PK]), {}
    for step in STEPS:
        yield reverse(f"admin:scanforpay_order_{step}", args=[PK]), {}
    for page in ("link", "link_state", "link_svg", "link_png", "link_card"):
        yield reverse(f"admin:scanforpay_order_{page}", args=[PK]), {}
    for page in ("till", "till_news", "card_svg", "card_pdf", "replace"):
        yield reverse(f"admin:scanforpay_countercode_{page}", args=[PK]), {}
    yield reverse("admin:scanforpay_refund_approve", args=[PK]), {}
    yield reverse("admin:scanforpay_health"), {}
    yield reverse("admin:scanforpay_set_up"), {}
    yield reverse("admin:scanforpay_set_up_partner"), {}
    for page in SET_UP_PAGES:
        yield set_up(page), {}
    yield set_up("account"), {"wallet": "Wechat"}
    # The Excel file has the same rows: tests/admin/test_order_export.py opens it.
    yield reverse("admin:scanforpay_order_export_csv"), {}
    yield reverse("admin:scanforpay_difference_csv"), {"day": "all", "state": "all"}
    yield url(Difference, "changelist"), {"day": "all", "state": "all"}
    yield reverse("admin:scanforpay_difference_line", args=[PK]), {}
    yield reverse("admin:scanforpay_difference_close"), {"selected": PK}
    yield reverse("admin:scanforpay_difference_close"), {"bill": PK}
    yield from filter_requests(stranger)
    yield from autocomplete_requests()


def filter_requests(stranger: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each filter that a list has, with the stranger's value."""
    told: Any = stranger[Notification]
    values = {"reason": told.last_reason, "endpoint": told.endpoint, "handler": "jade.ship_it"}
    values |= {"outcome": "strange-outcome", "kind": "STRANGER.KIND", "wallet": "Wechat"}
    for model, model_admin in ADMINS.items():
        for one in model_admin.list_filter:
            name = one if isinstance(one, str) else getattr(one, "parameter_name", "")
            yield url(model, "changelist"), {name: values.get(name, PK)}


def autocomplete_requests() -> Iterator[tuple[str, dict[str, Any]]]:
    for model in ADMINS:
        for field in model._meta.concrete_fields:
            if field.remote_field:
                names = {
                    "app_label": "scanforpay",
                    "model_name": model._meta.model_name,
                    "field_name": field.name,
                }
                for term in ("", "stranger", "99887", "Jade"):
                    yield reverse("admin:autocomplete"), {**names, "term": term}


def search_requests(stranger: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    order: Any = stranger[Order]
    for model, model_admin in ADMINS.items():
        if model_admin.search_fields:
            for number in (*NUMBERS, order.token, order.scan_token):
                yield url(model, "changelist"), {"q": number}


def test_no_page_shows_anything_of_a_stranger(clerk: Client, stranger: Rows) -> None:
    marks, before = find_marks(stranger), snapshot(stranger)
    opened: dict[int, int] = {}
    for place, query in get_requests(stranger):
        answer = clerk.get(place, query, follow=True)
        typed = " ".join(str(value) for value in query.values())
        assert leaks(shown(answer), marks, typed) == [], (place, query)
        assert answer.status_code < 500, (place, query)
        opened[answer.status_code] = opened.get(answer.status_code, 0) + 1
    assert opened[200] > 40
    assert snapshot(stranger) == before


def test_no_number_of_a_stranger_finds_anything(clerk: Client, stranger: Rows) -> None:
    marks = find_marks(stranger)
    for place, query in search_requests(stranger):
        answer = clerk.get(place, query)
        assert answer.status_code in (200, 403), (place, query)
        assert leaks(shown(answer), marks, query["q"]) == [], (place, query)
        assert f"/{PK}/change/" not in shown(answer), (place, query)


def same(clerk: Client, method: str, place: str, data: dict[str, Any]) -> tuple[str, str]:
    """The answers for the stranger's key and for one that no row has, as they may not differ."""
    answers = []
    for pk in (PK, NO_PK):
        here = {name: str(value).replace(str(PK), str(pk)) for name, value in data.items()}
        answer = getattr(clerk, method)(place.replace(str(PK), str(pk)), here, follow=True)
        chain = [where for where, _status in answer.redirect_chain]
        text = TOKEN.sub("", f"{chain}\n{answer.status_code}\n{answer.content.decode()}")
        # The two are not of the same second, and a button may have moved one's own rows by the database's clock.
        text = MOMENT.sub("", text)
        answers.append(text.replace(str(pk), "PK"))
    return answers[0], answers[1]


def posts(stranger: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a hand may send: each page's buttons, each list's actions, each form, with the stranger's keys."""
    for step in STEPS:
        place = reverse(f"admin:scanforpay_order_{step}", args=[PK])
        yield place, {}
        yield place, {"_refund": "1", "amount": "1.00", "reason": "x"}
        yield place, {"_return": PK}
        yield place, {"way": "merchant"}
    for act in PERMISSIONS:
        yield reverse("admin:scanforpay_order_bulk"), {"act": act, "selected": PK, "_sure": "1"}
    for page, sent in (("till", {"amount": "1"}), ("till", {"take_back": "1"}), ("replace", {})):
        yield reverse(f"admin:scanforpay_countercode_{page}", args=[PK]), sent
    for button in ("_approve", "_decline"):
        yield reverse("admin:scanforpay_refund_approve", args=[PK]), {button: "1", "why": "x"}
    new_store = {"name": "x", "store_no": "778", "currency": "CNY", "language": "en"}
    for page in (*SET_UP_PAGES, "key", "sandbox"):
        for sent in ({}, {"step": "products"}, new_store, {"_test": "1"}):
            yield set_up(page), sent
    yield f"{set_up('account')}?wallet=Wechat", {"mchid": "1", "grants": "jsapi"}
    yield from difference_posts(stranger)
    yield reverse("admin:scanforpay_health"), {}
    desk = reverse("admin:scanforpay_delivery_desk")
    yield desk, {"_resend": "1", "partner": PK, "since_0": "", "since_1": ""}
    yield desk, {"_test": "1", "store": PK, "url": ""}
    yield desk, {"_resend_endpoint": "1", "endpoint": stranger[Notification].endpoint}  # type: ignore[attr-defined]
    for model, model_admin in ADMINS.items():
        for button in (
            {},
            {"_send_again": "1"},
            {"_probe": "1"},
            {"reason": "x", "name": "x"},
            {"post": "yes"},
        ):
            yield url(model, "change", PK), button
        yield url(model, "delete", PK), {"post": "yes"}
        for action in (*(model_admin.actions or ()), "delete_selected"):
            sent = {"action": action, "_selected_action": PK, "index": "0"}
            yield url(model, "changelist"), sent
            yield url(model, "changelist"), {**sent, "post": "yes", "select_across": "1"}
    new = {"name": "x", "store_no": "777", "currency": "CNY", "language": "en", "return_method": "post"}
    new |= {"late_payment": "keep", "duplicate_payment": "keep"}
    yield url(Store, "add"), {**new, "partner": PK}
    yield (
        url(SignKey, "add"),
        {"partner": PK, "name": "x", "valid_from_0": "2026-01-01", "valid_from_1": "00:00"},
    )
    made = {"store": PK, "wallet": "Wechat", "name": "x", "environment": "production", "currencies": "CNY"}
    yield url(WalletAccount, "add"), made
    yield url(BillFile, "add"), {"account": PK, "bill_type": "trade", "day": "2026-01-01", "file": ""}


def difference_posts(stranger: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    day: Any = stranger[BillDay]
    yield reverse("admin:scanforpay_difference_act", args=[PK]), {}
    yield reverse("admin:scanforpay_difference_compare"), {"day": f"{day.day}"}
    for chosen in ({"selected": PK}, {"bill": PK}):
        for sent in ({}, {"_close": "1", "reason": "x"}):
            yield reverse("admin:scanforpay_difference_close"), {**chosen, **sent}


def test_a_strangers_key_is_answered_as_one_that_no_row_has(clerk: Client, stranger: Rows) -> None:
    marks, before = find_marks(stranger), snapshot(stranger)
    clerk.raise_request_exception = False
    pages = [("get", place, query) for place, query in get_requests(stranger) if str(PK) in f"{place}{query}"]
    sent = [("post", place, data) for place, data in posts(stranger)]
    assert len(pages) > 40
    for method, place, data in (*pages, *sent):
        theirs, nobodys = same(clerk, method, place, data)
        assert theirs == nobodys, (method, place, data)
        assert leaks(html.unescape(theirs), marks) == [], (method, place, data)
    assert snapshot(stranger) == before
    assert {model.objects.count() for model in (Store, Partner)} == {2}


def test_a_button_on_ones_own_row_takes_no_row_of_a_stranger(
    clerk: Client, busy: Merchant, stranger: Rows
) -> None:
    """The stranger's payment under an own order, and its keys beside own ones."""
    before = snapshot(stranger)
    own = Order.objects.filter(store=busy.store).first()
    assert own is not None
    answer = clerk.post(reverse("admin:scanforpay_order_refund", args=[own.pk]), {"_return": PK})
    assert answer.status_code in (403, 404)
    told = Notification.objects.filter(order__store=busy.store).first()
    both = {"action": "send_selected_again", "_selected_action": [told.pk, PK]}
    clerk.post(url(Notification, "changelist"), both)
    clerk.post(reverse("admin:scanforpay_delivery_desk"), {"_call_again": "jade.ship_it"})
    assert snapshot(stranger) == before


def rejected(key: str, partner_no: str) -> str:
    """A request for the page that checks signatures."""
    return envelope(header(partnerNo=partner_no), order_body(), key).decode()


def test_the_signature_page_knows_no_stranger(clerk: Client, busy: Merchant, stranger: Rows) -> None:
    page = reverse("admin:scanforpay_signature")
    answers = [clerk.post(page, {"body": rejected(SECRET, number)}) for number in ("99887", "99886")]
    if answers[0].status_code == 403:
        return
    theirs, nobodys = (TOKEN.sub("", one.content.decode()) for one in answers)
    assert theirs.replace("99887", "99886") == nobodys
    foreign = clerk.post(page, {"body": rejected(SECRET, busy.partner.partner_no)}).content.decode()
    unknown = clerk.post(page, {"body": rejected("no such key", busy.partner.partner_no)}).content.decode()
    assert leaks(foreign, find_marks(stranger)) == []
    assert TOKEN.sub("", foreign) == TOKEN.sub("", unknown)
