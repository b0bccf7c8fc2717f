"""Partners and sign keys in the admin, and the page that explains a wrong signature."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.models import Partner, SignKey
from tests.admin.pages import url
from tests.merchant import SIGN_KEY, Merchant
from tests.operations.signature.calls import compact, keys, sent, sha, value

__all__ = ["keys"]


def test_a_new_partner_is_shown_its_key_once(db, staff: Client) -> None:
    form = {"partner_no": "77", "name": "New", "contact_email": "", "is_active": "on"}
    page = staff.post(url(Partner, "add"), form)
    secret = re.search(r'id="sign-key">([^<]+)<', page.content.decode())[1]
    key = SignKey.objects.get()
    assert (len(secret), key.secret()) == (43, secret)
    assert "no-store" in page["Cache-Control"]
    assert secret not in str(page.cookies)
    assert secret not in key.secret_ciphertext
    for model, pk in ((Partner, key.partner_id), (SignKey, key.pk)):
        assert secret not in staff.get(url(model, "change", pk)).content.decode()


def test_an_existing_key_can_be_pasted_but_not_with_a_line_break(merchant: Merchant, staff: Client) -> None:
    form = {
        "partner": merchant.partner.pk, "name": "old", "valid_from_0": "2026-01-01", "valid_from_1": "00:00",
        "existing": "123456\n",
    }  # fmt: skip
    assert "line break" in staff.post(url(SignKey, "add"), form).content.decode()
    staff.post(url(SignKey, "add"), {**form, "existing": "123456"})
    assert SignKey.objects.get(name="old").secret() == "123456"


def test_a_key_gets_an_end_and_keeps_its_secret(merchant: Merchant, staff: Client) -> None:
    key = SignKey.objects.get()
    staff.post(
        url(SignKey, "change", key.pk), {"name": "x", "valid_until_0": "2030-01-01", "valid_until_1": "00:00"}
    )
    key.refresh_from_db()
    assert (key.valid_until.year, key.secret()) == (2029 if key.valid_until.year == 2029 else 2030, SIGN_KEY)


@pytest.mark.django_db
def test_the_page_names_the_mistake(keys: Merchant, staff: Client) -> None:
    page = reverse("admin:scanforpay_signature")
    assert page in staff.get(reverse("admin:scanforpay_partner_changelist")).content.decode()
    what = value()
    raw = compact(what)
    pasted = sent(raw, sha(json.dumps(what).encode(), SIGN_KEY)).decode()
    told = staff.post(page, {"body": pasted}).content.decode()
    assert "JSON was written twice" in told
    assert pasted[:40] not in told
    upload = SimpleUploadedFile("r.json", sent(raw, sha(raw, SIGN_KEY)))
    assert "The signature is right." in staff.post(page, {"file": upload}).content.decode()
    assert "errorlist" in staff.post(page, {}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["\ud800", "\0", "9" * 5000, ["10001"]])
def test_a_partner_number_that_can_be_nobodys_is_said(keys: Merchant, staff: Client, named: object) -> None:
    raw = json.dumps(value(partnerNo=named)).encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode()
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "There is no partner" in told


@pytest.mark.django_db
def test_pasting_changes_line_breaks_and_that_is_no_mistake(keys: Merchant, staff: Client) -> None:
    raw = json.dumps(value(), indent=2).encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode().replace("\n", "\r\n")
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "The signature is right." in told


@pytest.mark.django_db
def test_pasting_does_not_hide_what_else_is_wrong(keys: Merchant, staff: Client) -> None:
    late = (clock.now() - timedelta(hours=8)).isoformat(timespec="seconds")
    raw = json.dumps(value(reqTime=late), indent=2).replace("\n", "\r\n").encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode()
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "The signature is right." in told
    assert "Set the clock." in told
