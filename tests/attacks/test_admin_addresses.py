"""Whatever stands in the address of one of admin's lists, the list does not fail."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.merchant import Merchant
from tests.platform import open_payment

pytestmark = pytest.mark.django_db(transaction=True)
OURS = [one for one in admin.site._registry.items() if one[0]._meta.app_label.startswith("scanforpay")]
HUGE = "9" * 40
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
