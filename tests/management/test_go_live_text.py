"""The go-live list in the shell, and looking at it from there."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from scanforpay_django.management.go_live_text import write_go_live
from scanforpay_django.models import GoLiveCheck
from scanforpay_django.operations.set_up.go_live import get_subject, list_steps, read_list
from tests.house import house, merchant
from tests.merchant import Merchant
from tests.operations.set_up.live import lead_to_sandbox, make_live

__all__ = ["house", "merchant"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_each_step_has_what_is_typed_where(merchant: Merchant, house: str) -> None:
    account = make_live(merchant)
    step = next(one for one in list_steps(account) if one.name == "products")
    GoLiveCheck.objects.confirm(account, step.name, actor="lin.mei", subject=get_subject(account, step))
    told: list[str] = []
    write_go_live(read_list(account), told.append)
    text = "".join(told)
    assert "1 of 8 steps are done" in text
    assert "done   The products that the account uses are granted: JSAPI, in WeChat" in text
    assert "Confirmed by lin.mei." in text
    assert f"open   JSAPI payment directory (支付授权目录): {house}/api/jspay/" in text


def test_the_command_looks_as_the_button_does(merchant: Merchant, house: str, settings: Any) -> None:
    lead_to_sandbox(settings, house)
    account = make_live(merchant)
    told = io.StringIO()
    call_command("scanforpay_setup", "--check", "--store", merchant.store.store_no, stdout=told)
    assert "FAILED Public address of this project" in told.getvalue()
    assert "done   Credentials and keys" in told.getvalue()
    assert GoLiveCheck.objects.get(account=account, step="connection").state == "ok"
    # The other account of the store, which is at the sandbox.
    assert "of 3 steps are done" in told.getvalue()
