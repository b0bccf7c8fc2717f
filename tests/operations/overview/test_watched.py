"""What ends soon, in rows, as lines of the page."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import Store, WalletAccount
from tests.admin.pages import url
from tests.operations.overview.desk import PAGE, open_overview
from tests.operations.overview.test_todo import store
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["store"]
pytestmark = pytest.mark.django_db


def test_what_ends_is_said_ahead(rows: Rows, store: Store, staff: Client) -> None:
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    WalletAccount.objects.create(store=rows.store(), wallet="Wechat", is_active=False)
    key, now = store.partner.sign_keys.get(), clock.now()
    rotated = rows.store().partner
    rotated.sign_keys.update(valid_until=now + timedelta(days=2))
    rows.key(rotated, "the next key")
    for days, look in ((31, ""), (29, "wait"), (13, "wait"), (2, "bad"), (-1, "bad")):
        end = now + timedelta(days=days, hours=1)
        WalletAccount.objects.update(certificates_end_at=end)
        type(key).objects.filter(pk=key.pk).update(valid_until=end if days > 0 else None)
        text = open_overview(staff)
        assert ("The certificates of Wechat" in text) == bool(look), days
        assert ("The last sign key of Shop & Co ends" in text) == (bool(look) and days > 0), days
        page = staff.get(PAGE).content.decode()
        assert (url(WalletAccount, "change", account.pk) in page) == bool(look), days
    clerk = sign_in("cashier", store=store)
    assert "certificates" not in clerk.get(PAGE).content.decode()
