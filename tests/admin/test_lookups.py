"""The address of a list tells no secret: free lookups are refused, whether they guess right or wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db import models
from django.test import Client

from scanforpay_django.admin import ADMINS
from scanforpay_django.admin.lookups import declared_lookups
from scanforpay_django.models import Order, Store
from tests.admin.pages import url
from tests.people import sign_in
from tests.stranger import PK, make_stranger

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
LOOKUPS = (
    "",
    "__exact",
    "__startswith",
    "__gt",
    "__gte",
    "__lt",
    "__in",
    "__regex",
    "__iregex",
    "__contains",
    "__isnull",
)


class Own(SimpleListFilter):
    parameter_name = "own"
    title = "own"


def test_what_filters_ask_for_is_declared_and_nothing_else() -> None:
    found = declared_lookups(["state", ("paid_at", admin.EmptyFieldListFilter), Own])
    assert {"state__exact", "paid_at__isempty", "own"} <= found
    assert not {"token", "token__startswith", "state__startswith", "own__startswith", "order__state"} & found


def paths(model: Any, depth: int = 2) -> Iterator[str]:
    """Columns, and those of all rows that relations lead to, forwards and backwards."""
    for field in model._meta.get_fields():
        if field.is_relation and field.related_model is not None:
            yield field.name
            if depth:
                yield from (f"{field.name}__{rest}" for rest in paths(field.related_model, depth - 1))
        else:
            yield field.name


def right_guess(model: Any, path: str) -> str:
    """What the column holds."""
    try:
        value = model._default_manager.filter(pk=PK).values_list(path, flat=True).first()
    except (TypeError, ValueError):
        return "x"
    return str(value)[:20] if isinstance(value, str | int) else "x"


@pytest.mark.parametrize("model", ADMINS, ids=[model._meta.model_name for model in ADMINS])
def test_no_guess_is_answered(model: Any) -> None:
    """By the admin itself: what is not declared is refused by its name alone, before the value is looked at."""
    model_admin = admin.site.get_model_admin(model)
    declared = declared_lookups(model_admin.list_filter)
    asked = {f"{path}{lookup}" for path in paths(model) for lookup in LOOKUPS}
    allowed = {lookup for lookup in asked if model_admin.lookup_allowed(lookup, "x")}
    assert len(asked) > 200
    assert allowed <= declared
    secret = {
        "ciphertext",
        "token",
        "secrets",
        "config",
        "payer",
        "password",
        "fingerprint",
        "request",
        "prepay",
    }
    assert [lookup for lookup in allowed if any(word in lookup for word in secret)] == []


@pytest.mark.parametrize("model", ADMINS, ids=[model._meta.model_name for model in ADMINS])
def test_a_right_guess_is_answered_as_a_wrong_one(staff: Client, model: Any) -> None:
    make_stranger()
    declared = declared_lookups(admin.site.get_model_admin(model).list_filter)
    place = url(model, "changelist")
    columns = [
        field.name for field in model._meta.get_fields() if isinstance(field, models.Field) and field.concrete
    ]
    for path in (*columns, *secrets_near(model)):
        for lookup in ("", "__startswith", "__gt", "__regex"):
            if f"{path}{lookup}" in declared:
                continue
            for guess in (right_guess(model, path), "no such value"):
                assert staff.get(place, {f"{path}{lookup}": guess}).status_code == 400, (path, lookup)


def secrets_near(model: Any) -> Iterator[str]:
    """Secrets at most two relations away."""
    for path in paths(model):
        if path.count("__") and path.rpartition("__")[2] in {
            "secret_ciphertext", "secrets_ciphertext", "token", "scan_token", "lease_token", "payer_id", "config",
        }:  # fmt: skip
            yield path


@pytest.mark.parametrize(
    "query", ["token__startswith=a", "partner__sign_keys__secret_ciphertext__gt=a", "order_by=token"]
)
def test_the_addresses_of_the_issue_are_refused(staff: Client, query: str) -> None:
    make_stranger()
    assert staff.get(f"{url(Order, 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("variable", ["o", "_popup", "_changelist_filters", "_facets", "e", "p"])
@pytest.mark.parametrize("guess", ["token", "-token", "store__name", "1.-2", "-pk", "99"])
def test_djangos_own_variables_sort_by_no_hidden_column(staff: Client, variable: str, guess: str) -> None:
    """Django takes columns' places for an order, and our large lists none at all."""
    first = make_stranger()[Order]
    Order.objects.filter(pk=PK).update(token="z" * 22)
    second = Order.objects.get(pk=PK)
    # A sequence of PostgreSQL's would give a key below the stranger's.
    second.pk, second._state.adding = PK + 1, True
    second.order_no, second.partner_order_no = "SECOND", "second"
    second.token, second.scan_token = "a" * 22, "b" * 22
    second.save()
    page = staff.get(url(Order, "changelist"), {variable: guess}, follow=True).content.decode()
    if "STRANGERORDER1" in page:
        assert page.index("SECOND") < page.index("STRANGERORDER1")
    assert second.token not in page
    assert first.pk == PK


@pytest.mark.parametrize("field", ["token", "order_no", "partner", "secret_ciphertext", "store_no"])
def test_a_row_is_not_found_by_another_column(staff: Client, field: str) -> None:
    make_stranger()
    for model in (Order, Store):
        for page in (url(model, "changelist"), url(model, "change", PK)):
            assert staff.get(page, {"_to_field": field}).status_code in (200, 400)
        assert staff.get(url(model, "change", PK), {"_to_field": field}).status_code == 400


def test_a_strangers_store_in_a_filter_is_as_no_store() -> None:
    """The list is empty either way, and the filter has no name for it."""
    rows = make_stranger()
    client = sign_in("shop manager")
    for pk in (PK, PK + 1):
        page = client.get(url(Order, "changelist"), {"store__id__exact": pk}).content.decode()
        assert str(rows[Store]) not in page
        assert "0 orders" in page
