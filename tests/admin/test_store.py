"""A store's colour and logo are checked when staff save them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import Logo, Store
from tests.browser.pictures import png
from tests.house import house, merchant
from tests.merchant import Merchant

__all__ = ["house", "merchant"]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def save(staff: Client, store: Store, **changes: object):
    """Save the store's page in admin as it stands, with these changes."""
    url = reverse("admin:scanforpay_store_change", args=[store.pk])
    form = staff.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in values.items() if value not in (None, False)}
    return staff.post(url, {**filled, **changes})


@pytest.mark.django_db
def test_staff_upload_replace_and_remove_a_logo(merchant: Merchant, staff: Client) -> None:
    store = merchant.store
    for content in (png(64, 64), png(48, 48)):
        answer = save(staff, store, logo_file=SimpleUploadedFile("logo.svg", content, "image/svg+xml"))
        assert answer.status_code == 302, answer.context["errors"]
        store.refresh_from_db()
        assert bytes(store.logo.content) == content
        assert store.logo.content_type == "image/png"
    # The first one is gone, and a save without a file keeps the second.
    assert Logo.objects.count() == 1
    assert save(staff, store, color="#8a1538").status_code == 302
    store.refresh_from_db()
    assert store.logo is not None
    assert store.color == "#8a1538"
    assert save(staff, store, remove_logo="on").status_code == 302
    store.refresh_from_db()
    assert (store.logo, Logo.objects.count()) == (None, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [{"logo_file": SVG}, {"color": "#777777"}, {"logo_file": bytes(70_000)}])
def test_what_is_refused_changes_nothing(merchant: Merchant, staff: Client, bad: dict) -> None:
    if "logo_file" in bad:
        bad = {"logo_file": SimpleUploadedFile("logo.png", bad["logo_file"], "image/png")}
    answer = save(staff, merchant.store, **bad)
    assert answer.status_code == 200
    assert answer.context["errors"]
    merchant.store.refresh_from_db()
    assert (merchant.store.logo, merchant.store.color) == (None, "")
