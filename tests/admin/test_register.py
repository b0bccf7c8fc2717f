"""The app's pages on an AdminSite of the project's own: they lead to each other there, wherever else they are."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.test import Client

from scanforpay_django.admin import ADMINS, register
from scanforpay_django.admin.store import StoreAdmin
from scanforpay_django.models import Order, Partner, SignKey, Store, WalletAccount
from tests.merchant import Merchant

LINK = re.compile(r'(?:href|src|action)="(/[^"?]*)')


@pytest.fixture(params=["desk", "both"])
def desk(request: pytest.FixtureRequest, settings, staff: Client) -> Iterator[Client]:
    """Staff, where the default site is absent and where it is mounted too."""
    settings.ROOT_URLCONF = f"tests.admin.sites.{request.param}"
    return staff


def links(page: bytes) -> set[str]:
    return set(LINK.findall(page.decode()))


def own_pages() -> Iterator[str]:
    """Every list, every row's page, and the pages beside them."""
    yield "/desk/"
    yield "/desk/scanforpay/partner/signature/"
    yield "/desk/scanforpay/notification/desk/"
    for model in ADMINS:
        place = f"/desk/scanforpay/{model._meta.model_name}/"
        yield place
        for pk in model.objects.values_list("pk", flat=True):
            yield f"{place}{pk}/change/"
            if model is Order:
                yield f"{place}{pk}/refund/"


def test_its_pages_lead_to_each_other_and_to_no_other_site(busy: Merchant, desk: Client) -> None:
    seen = 0
    for place in own_pages():
        page = desk.get(place)
        assert page.status_code == 200, place
        assert [link for link in links(page.content) if link.startswith("/admin/")] == [], place
        seen += 1
    assert seen > len(ADMINS) + 10


def test_what_staff_do_there_ends_there(busy: Merchant, desk: Client) -> None:
    form = {"partner_no": "77", "name": "New", "contact_email": "", "is_active": "on"}
    made = desk.post("/desk/scanforpay/partner/add/", form)
    partner = Partner.objects.get(partner_no="77")
    assert SignKey.objects.filter(partner=partner).exists()
    assert f"/desk/scanforpay/partner/{partner.pk}/change/" in links(made.content)
    form = {
        "store": busy.store.pk,
        "wallet": "Wechat",
        "name": "b",
        "environment": "production",
        "currencies": "CNY",
    }
    added = desk.post("/desk/scanforpay/walletaccount/add/", form)
    account = WalletAccount.objects.get(name="b")
    assert added.headers["Location"] == f"/desk/scanforpay/walletaccount/{account.pk}/change/"
    busy.create(partnerOrderNo="close-me")
    order = Order.objects.get(partner_order_no="close-me")
    closed = desk.post(f"/desk/scanforpay/order/{order.pk}/close/")
    assert closed.headers["Location"] == f"/desk/scanforpay/order/{order.pk}/change/"


def test_a_page_that_the_project_registered_stays_and_twice_is_once() -> None:
    class OwnStoreAdmin(StoreAdmin):
        """The project's."""

    site = AdminSite(name="desk")
    site.register(Store, OwnStoreAdmin)
    register(site)
    register(site)
    assert type(site.get_model_admin(Store)) is OwnStoreAdmin
    assert all(site.is_registered(model) and admin.site.is_registered(model) for model in ADMINS)
