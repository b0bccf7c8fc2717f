"""The page that ties staff to partners and stores."""

from typing import Any

import pytest
from django.test import Client

from scanforpay_django.models import StaffScope
from tests.admin.pages import url
from tests.merchant import Merchant
from tests.people import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["boss", "operator"])
def test_a_user_is_tied_to_a_store(
    merchant: Merchant, staff: Client, django_user_model: Any, who: str
) -> None:
    client = staff if who == "boss" else sign_in("operator", name="op")
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    customer = django_user_model.objects.create_user("customer")
    form = client.get(url(StaffScope, "add")).content.decode()
    assert f'<option value="{clerk.pk}">clerk' in form
    assert f'<option value="{customer.pk}">' not in form
    both = {"user": clerk.pk, "partner": merchant.partner.pk, "store": merchant.store.pk}
    assert "Choose a partner or a store" in client.post(url(StaffScope, "add"), both).content.decode()
    assert (
        client.post(url(StaffScope, "add"), {"user": clerk.pk, "store": merchant.store.pk}).status_code == 302
    )
    scope = StaffScope.objects.get()
    assert (scope.user, scope.store, scope.partner) == (clerk, merchant.store, None)
    page = client.get(url(StaffScope, "changelist")).content.decode()
    assert "clerk" in page
    assert merchant.store.name in page
    client.post(url(StaffScope, "delete", scope.pk), {"post": "yes"})
    assert not StaffScope.objects.exists()


def test_the_list_takes_no_more_statements_for_more_rows(
    merchant: Merchant, staff: Client, django_user_model: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        user = django_user_model.objects.create_user(f"clerk{number}", is_staff=True)
        StaffScope.objects.create(user=user, partner=merchant.partner)
    staff.get(url(StaffScope, "changelist"))
    with django_assert_max_num_queries(10):
        staff.get(url(StaffScope, "changelist"))
