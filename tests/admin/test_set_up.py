"""The guided set-up in admin: where everybody stands, a partner with its key, a store."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scanforpay_django.models import GoLiveCheck, Partner, SignKey, Store, WalletAccount
from tests.merchant import Merchant
from tests.people import sign_in
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def place(name: str = "", *args: int) -> str:
    return reverse(f"admin:scanforpay_set_up{name}", args=args)


def history(row: Any) -> list[LogEntry]:
    return list(
        LogEntry.objects.filter(content_type__model=row._meta.model_name, object_id=str(row.pk)).order_by(
            "pk"
        )
    )


PARTNER = {"name": "Tea house", "partner_no": "10001", "contact_email": ""}
STORE = {
    "name": "山茶小铺",
    "name_en": "",
    "store_no": "100010000000001",
    "currency": "CNY",
    "language": "en",
    "timezone": "",
}


def test_four_steps_lead_from_nothing_to_a_go_live_list(staff: Client) -> None:
    assert "Nothing is set up yet" in staff.get(place()).content.decode()
    first = staff.get(place("_partner"))
    assert first.context["form"]["partner_no"].value() == "10001"
    shown = staff.post(place("_partner"), PARTNER)
    partner, key = Partner.objects.get(), SignKey.objects.get()
    page = shown.content.decode()
    assert key.secret() in page
    assert "no-store" in shown["Cache-Control"]
    assert place("_store", partner.pk) in page
    second = staff.get(place("_store", partner.pk))
    assert second.context["form"]["store_no"].value() == "100010000000001"
    saved = staff.post(place("_store", partner.pk), STORE)
    store = Store.objects.get()
    assert saved.headers["Location"] == place("_account", store.pk)
    assert (store.partner, store.name) == (partner, "山茶小铺")
    third = staff.get(saved.headers["Location"]).content.decode()
    assert "How does the store collect?" in third
    assert [len(history(row)) for row in (partner, key, store)] == [1, 1, 1]


def test_the_sign_key_is_shown_once(staff: Client) -> None:
    secret = None
    staff.post(place("_partner"), PARTNER)
    partner, secret = Partner.objects.get(), SignKey.objects.get().secret()
    again = staff.post(place("_key", partner.pk), follow=True)
    assert SignKey.objects.count() == 1
    assert "not shown again" in again.content.decode()
    for page in (place(), place("_store", partner.pk), place("_partner")):
        assert secret not in staff.get(page).content.decode()


def test_a_partner_that_was_left_without_a_key_gets_one(staff: Client, rows: Rows) -> None:
    partner = rows.partner(secret="")
    assert "no sign key that is valid" in staff.get(place("_store", partner.pk)).content.decode()
    page = staff.post(place("_key", partner.pk)).content.decode()
    assert SignKey.objects.get().secret() in page


def test_who_has_begun_goes_on_where_they_stood(staff: Client, rows: Rows) -> None:
    alone, seller = rows.partner(), rows.partner()
    store = rows.store(seller)
    page = staff.get(place()).content.decode()
    assert place("_store", alone.pk) in page
    assert place("_store", seller.pk) not in page
    assert place("_account", store.pk) in page
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    page = staff.get(place()).content.decode()
    assert place("_account", store.pk) not in page
    assert place("_go_live", store.pk, account.pk) in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"partner_no": "10001"}, "partner_no"), ({"partner_no": "a b"}, "partner_no"), ({"name": ""}, "name")],
)
def test_a_partner_that_cannot_be_is_said_beside_its_field(
    staff: Client, merchant: Merchant, changes: dict[str, str], field: str
) -> None:
    answer = staff.post(place("_partner"), {**PARTNER, "partner_no": "10002", **changes})
    assert list(answer.context["form"].errors) == [field]
    assert Partner.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"store_no": "100010000000002"}, "store_no"),
        ({"timezone": "Mars"}, "timezone"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_a_store_that_cannot_be_is_said_beside_its_field(
    staff: Client, merchant: Merchant, changes: dict[str, str], field: str
) -> None:
    answer = staff.post(place("_store", merchant.partner.pk), {**STORE, **changes})
    assert list(answer.context["form"].errors) == [field]
    assert Store.objects.count() == 1


def test_the_pages_take_few_statements(staff: Client, merchant: Merchant) -> None:
    for number in range(6):
        store = Store.objects.create(partner=merchant.partner, store_no=f"77{number}", name="x")
        account = WalletAccount.objects.create(store=store, wallet="Wechat")
        GoLiveCheck.objects.create(account=account, step="trial", state="ok")
    pages = (
        place(),
        place("_partner"),
        place("_store", merchant.partner.pk),
        place("_account", store.pk),
        f"{place('_account', store.pk)}?wallet=Wechat",
        place("_go_live", store.pk, account.pk),
    )
    for page in pages:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert staff.get(page).status_code == 200
        assert len(asked) <= 12, (page, [one["sql"] for one in asked])


ROLES = [("operator", 200), ("cashier", 403), ("shop manager", 403), ("accountant", 403), ("developer", 403)]


@pytest.mark.parametrize(("role", "status"), ROLES)
def test_who_may_set_up(merchant: Merchant, role: str, status: int) -> None:
    client = sign_in(role, **({} if role == "operator" else {"partner": merchant.partner}))
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    pages = (
        place(),
        place("_partner"),
        place("_store", merchant.partner.pk),
        place("_account", merchant.store.pk),
        place("_go_live", merchant.store.pk, account.pk),
    )
    assert {client.get(page).status_code for page in pages} == {status}
    menu = client.get(reverse("admin:app_list", args=["scanforpay"])).content.decode()
    assert (f'href="{place()}"' in menu) is (status == 200)


def test_the_menu_marks_the_page(staff: Client) -> None:
    page = staff.get(place("_partner")).content.decode()
    assert re.search(rf'href="{place()}" aria-current="true"', page)


def test_staff_of_a_partner_set_its_stores_up_and_no_others(merchant: Merchant, rows: Rows) -> None:
    other = rows.partner()
    client = sign_in("", "add_partner", "add_store", "add_signkey", partner=merchant.partner)
    assert client.get(place("_partner")).status_code == 403
    assert client.get(place("_store", merchant.partner.pk)).status_code == 200
    assert client.get(place("_store", other.pk)).status_code == 404
    assert client.post(place("_store", other.pk), STORE).status_code == 404
    assert client.post(place("_key", other.pk)).status_code == 404
    assert not Store.objects.filter(partner=other).exists()
    clerk = sign_in("", "add_store", name="clerk2", store=merchant.store)
    # What is made for a partner concerns its other stores.
    assert clerk.get(place("_store", merchant.partner.pk)).status_code == 404


def test_who_may_make_no_key_is_shown_none() -> None:
    clerk = sign_in("", "view_all_partners", "add_partner")
    assert clerk.post(place("_partner"), PARTNER).headers["Location"] == place()
    assert not Partner.objects.get().sign_keys.exists()
