"""Before the first order."""

import re

import pytest
from django.test import Client

from scanforpay_django.models import GoLiveCheck, Store, WalletAccount, WorkerBeat
from tests.admin.test_set_up import place
from tests.merchant import seed_merchant
from tests.operations.overview.desk import PAGE, open_overview
from tests.people import sign_in
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def steps(text: str) -> list[str]:
    return re.findall(r"\((done|next|not yet)\)", text)


def test_each_step_leads_to_its_form_and_is_done_when_its_row_is_there(staff: Client, rows: Rows) -> None:
    assert f'href="{place("_partner")}"' in staff.get(PAGE).content.decode()
    assert steps(open_overview(staff)) == ["next", "not yet", "not yet", "not yet", "not yet"]
    partner = rows.partner()
    assert steps(open_overview(staff)) == ["done", "next", "not yet", "not yet", "not yet"]
    assert f'href="{place("_store", partner.pk)}"' in staff.get(PAGE).content.decode()
    store = rows.store(partner)
    assert f'href="{place("_account", store.pk)}"' in staff.get(PAGE).content.decode()
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    assert steps(open_overview(staff)) == ["done", "done", "done", "next", "not yet"]
    assert f'href="{place()}"' in staff.get(PAGE).content.decode()
    GoLiveCheck.objects.create(account=account, step="trial", state="ok")
    WorkerBeat.objects.record("pay-1", "celery")
    text = open_overview(staff)
    assert steps(text) == ["done"] * 5
    assert "5 of 5 steps done" in text


def test_it_goes_with_the_first_order(staff: Client, rows: Rows) -> None:
    rows.order("")
    text = open_overview(staff)
    assert steps(text) == []
    assert "Needs a person now" in text


def test_no_button_is_offered_that_would_be_refused() -> None:
    seed_merchant()
    clerk = sign_in("", "view_order", store=Store.objects.get())
    page = clerk.get(PAGE).content.decode()
    assert "of 4 steps done" in page
    assert "/set-up/" not in page


def test_staff_of_a_store_add_no_partner_and_no_other_store() -> None:
    seed_merchant()
    WalletAccount.objects.all().delete()
    clerk = sign_in(
        "", "view_order", "add_partner", "add_store", "add_walletaccount", store=Store.objects.get()
    )
    page = clerk.get(PAGE).content.decode()
    assert place("_partner") not in page
    assert f'href="{place("_account", Store.objects.get().pk)}"' in page
