"""A store's colour and logo on its pages."""

import re

import pytest
from playwright.sync_api import expect

from scanforpay_django.models import Logo, Store
from tests.browser.conftest import Visitor, accessible
from tests.browser.pictures import png


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_customers_see_both(house: str, open_page: Visitor) -> None:
    from tests.house import seed_merchant

    merchant = seed_merchant()
    Store.objects.update(color="#8a1538", logo=Logo.objects.keep(png(64, 64)))
    page = open_page(merchant.create()["payUrl"], "desktop", locale="en-US")
    logo = page.locator("header img.logo")
    expect(logo).to_be_visible()
    assert logo.evaluate("one => one.naturalWidth") == 64
    assert re.search(r"/api/jspay/logo/[0-9a-f]{32}$", logo.get_attribute("src"))
    line = page.evaluate("getComputedStyle(document.querySelector('main')).boxShadow")
    assert line.startswith("rgb(138, 21, 56) 0px 4px")
    accessible(page)
