"""What a user sees: nothing without a row, a store, a partner with all its stores, or all."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from scanforpay_django.admin import ADMINS
from scanforpay_django.models import Endpoint, Order, Partner, SignKey, StaffScope, Store
from scanforpay_django.operations.staff_scope import (
    PARTNER_PATHS,
    STORE_PATHS,
    WHOLE_PARTNER_PATHS,
    find_scope,
)
from tests.rows import Rows

pytestmark = pytest.mark.django_db
KNOWN = {*STORE_PATHS, *PARTNER_PATHS, *WHOLE_PARTNER_PATHS}


@pytest.fixture
def user(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("clerk")


@pytest.fixture
def stores(rows: Rows) -> list[Store]:
    """Two of one partner and one of another, with an order each."""
    partner = rows.partner()
    made = [rows.store(partner), rows.store(partner), rows.store()]
    for store in made:
        rows.order("https://shop.example/n", store)
    Endpoint.objects.create(partner=partner, origin="https://shop.example:443", key="k")
    return made


def seen(user: Any, model: Any) -> list[int]:
    return list(find_scope(user).narrow(model.objects.order_by("pk")).values_list("pk", flat=True))


def test_without_a_row_nothing_is_seen(user: Any, stores: list[Store]) -> None:
    assert [seen(user, model) for model in KNOWN if hasattr(model, "objects")] == [[]] * len(KNOWN)


def test_a_store_is_seen_without_the_partners_other_ones(user: Any, stores: list[Store]) -> None:
    store = stores[0]
    StaffScope.objects.create(user=user, store=store)
    assert seen(user, Store) == [store.pk]
    assert seen(user, Order) == [store.orders.get().pk]
    assert seen(user, Partner) == [store.partner_id]
    assert seen(user, SignKey) == [store.partner.sign_keys.get().pk]
    assert seen(user, Endpoint) == []
    assert not find_scope(user).has_whole_partner(store.partner_id)
    assert list(find_scope(user).narrow_choices(Partner.objects.all())) == []


def test_a_partner_is_seen_with_all_its_stores_and_those_to_come(
    user: Any, stores: list[Store], rows: Rows
) -> None:
    partner = stores[0].partner
    StaffScope.objects.create(user=user, partner=partner)
    assert seen(user, Store) == [stores[0].pk, stores[1].pk]
    assert len(seen(user, Endpoint)) == 1
    assert find_scope(user).has_whole_partner(partner.pk)
    assert not find_scope(user).has_whole_partner(stores[2].partner_id)
    new = rows.store(partner)
    assert seen(user, Store) == [stores[0].pk, stores[1].pk, new.pk]


def test_several_rows_add_up(user: Any, stores: list[Store]) -> None:
    StaffScope.objects.create(user=user, store=stores[1])
    StaffScope.objects.create(user=user, store=stores[2])
    assert seen(user, Store) == [stores[1].pk, stores[2].pk]


@pytest.mark.parametrize("by", ["superuser", "permission"])
def test_some_see_all(user: Any, stores: list[Store], by: str) -> None:
    if by == "superuser":
        user.is_superuser = True
    else:
        user.user_permissions.add(Permission.objects.get(codename="view_all_partners"))
    assert seen(user, Store) == [store.pk for store in stores]
    user.is_active = False
    assert seen(user, Store) == []


def test_the_scope_is_known_of_all_that_staff_see() -> None:
    """A new model in admin: add it to a table of paths. Scopes are for those who see all."""
    assert set(ADMINS) - KNOWN == {StaffScope}


def test_of_other_models_nothing_is_seen(user: Any, stores: list[Store]) -> None:
    StaffScope.objects.create(user=user, store=stores[0])
    others = [model for model in apps.get_app_config("scanforpay").get_models() if model not in KNOWN]
    assert [model for model in others if find_scope(user).narrow(model._default_manager.all()).exists()] == []


def test_two_statements_find_it(user: Any, stores: list[Store], django_assert_max_num_queries: Any) -> None:
    for store in stores:
        StaffScope.objects.create(user=user, store=store)
    StaffScope.objects.create(user=user, partner=stores[0].partner)
    user.has_perm("x.y")
    with django_assert_max_num_queries(2):
        find_scope(user)
