"""Whatever stands in the address of one of admin's lists, the list does not fail."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.merchant import Merchant
from tests.platform import open_payment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OURS = [one for one in admin.site._registry.items() if one[0]._meta.app_label.startswith("scanforpay")]
HUGE = "9" * 40
ODD_KEYS = ("abc", HUGE, "-1", "%00", "0", "1.5")
# what a column may be asked for -> what no database can look for
ODD = {"": HUGE, "__in": HUGE, "__gte": "x", "__year": "-1", "__regex": "(", "__contains": "%00"}
OWN = ("o", "p", "q", "all", "e", "_to_field", "_popup", "_changelist_filters", "_facets", "pk", "nothing")
HIERARCHY = [
    "created_at__year=9999",
    "created_at__year=9999&created_at__month=12&created_at__day=31",
    "created_at__year=2026&created_at__month=13",
    "created_at__year=1&created_at__month=1&created_at__day=1",
    "created_at__year=0",
    "created_at__month=2",
    f"created_at__year={HUGE}",
]


def queries(model, model_admin) -> Iterator[str]:
    yield from HIERARCHY
    yield from (f"{name}={odd}" for name in OWN for odd in ("abc", "-1", "%00", HUGE))
    for column in model._meta.concrete_fields:
        yield from (f"{column.name}{lookup}={odd}" for lookup, odd in ODD.items())
    for told in model_admin.list_filter:
        pair = isinstance(told, tuple)
        name = told if isinstance(told, str) else f"{told[0]}__isempty" if pair else told.parameter_name
        yield from (f"{name}{lookup}={HUGE}" for lookup in ("", "__exact"))


@pytest.mark.parametrize(("model", "model_admin"), OURS, ids=[one[0]._meta.model_name for one in OURS])
def test_a_list_of_admin_does_not_fail(
    merchant: Merchant, client: Client, django_user_model, model, model_admin
) -> None:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    client.raise_request_exception = False
    open_payment(merchant, "Wechat")
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert client.get(path).status_code == 200
    asked = queries(model, model_admin)
    assert [query for query in asked if client.get(f"{path}?{query}").status_code >= 500] == []


def posts(model_admin, request) -> Iterator[dict[str, object]]:
    """What a hand may send in place of the list's own form."""
    keys = ("abc", "", HUGE, "-1", "\0", "1.5", "\u0661", "0", ["abc", HUGE], [])
    for action in (*model_admin.get_actions(request), "nothing", ""):
        for key in keys:
            yield {"action": action, "_selected_action": key}
            yield {"action": action, "_selected_action": key, "index": "0"}
            yield {"action": action, "_selected_action": key, "post": "yes"}
        yield {"action": action, "_selected_action": "abc", "index": "x", "select_across": HUGE}
    yield {"index": "7"}
    yield {"_save": "1", "_selected_action": "abc", "form-TOTAL_FORMS": "x"}


@pytest.mark.parametrize(("model", "model_admin"), OURS, ids=[one[0]._meta.model_name for one in OURS])
def test_an_action_on_rows_that_cannot_be_does_not_fail(
    merchant: Merchant, client: Client, rf, django_user_model, model, model_admin
) -> None:
    boss = django_user_model.objects.create_superuser("boss", "boss@example.com", "x")
    client.force_login(boss)
    client.raise_request_exception = False
    open_payment(merchant, "Wechat")
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    request = rf.get(path)
    request.user = boss
    before = model._default_manager.count()
    sent = list(posts(model_admin, request))
    assert [data for data in sent if client.post(path, data).status_code >= 500] == []
    assert model._default_manager.count() == before


@pytest.mark.parametrize(("model", "model_admin"), OURS, ids=[one[0]._meta.model_name for one in OURS])
def test_the_page_of_a_row_that_cannot_be_does_not_fail(
    client: Client, django_user_model, model, model_admin
) -> None:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    client.raise_request_exception = False
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    pages = [f"{path}{key}/{page}/" for key in ODD_KEYS for page in ("change", "delete", "history")]
    buttons = ({}, {"x": "y"}, {"_send_again": "1"}, {"_probe": "1"}, {"_continue": "1"})
    assert [page for page in pages if client.get(page).status_code >= 500] == []
    assert [
        (page, data) for page in pages for data in buttons if client.post(page, data).status_code >= 500
    ] == []


@pytest.mark.parametrize("step", ["refund", "close", "ask", "resend", "accept", "retry"])
def test_a_step_on_an_order_or_payment_that_cannot_be_does_not_fail(
    merchant: Merchant, client: Client, django_user_model, step: str
) -> None:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    client.raise_request_exception = False
    order = open_payment(merchant, "Wechat").order
    path = reverse("admin:scanforpay_order_changelist")
    assert client.post(f"{path}{HUGE}/{step}/").status_code in (403, 404)
    if step == "refund":
        answers = [
            client.post(f"{path}{order.pk}/refund/", {"_return": key}) for key in ("abc", HUGE, "", "\0")
        ]
        assert {answer.status_code for answer in answers} == {404}
