"""A scope is of a partner or of a store, once, and goes with its user."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from scanforpay_django.models import StaffScope
from tests.rows import Rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("clerk")


def test_it_is_a_partner_or_a_store(user: Any, rows: Rows) -> None:
    store = rows.store()
    for both in ({}, {"partner": store.partner, "store": store}):
        with pytest.raises(ValidationError, match="Choose a partner or a store"):
            StaffScope(user=user, **both).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffScope.objects.create(user=user, **both)


def test_the_same_scope_is_given_once(user: Any, rows: Rows) -> None:
    store = rows.store()
    for tie in ({"store": store}, {"partner": store.partner}):
        StaffScope.objects.create(user=user, **tie)
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffScope.objects.create(user=user, **tie)
    assert StaffScope.objects.count() == 2


def test_it_goes_with_its_user(user: Any, rows: Rows, django_user_model: Any) -> None:
    other = django_user_model.objects.create_user("other")
    for one in (user, other):
        StaffScope.objects.create(user=one, store=rows.store())
    user.delete()
    assert StaffScope.objects.get().user == other
    django_user_model.objects.all().delete()
    assert not StaffScope.objects.exists()


def test_a_scope_is_called_after_what_it_is_of(user: Any, rows: Rows) -> None:
    store = rows.store()
    assert str(StaffScope(user=user, store=store)) == str(store)
    assert str(StaffScope(user=user, partner=store.partner)) == str(store.partner)
