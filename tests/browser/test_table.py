"""Wallet x channel x products granted: every place a payUrl can be opened has its page, and axe finds nothing."""

import pytest
from playwright.sync_api import Page, expect

from scanforpay_django.models import WalletAccount
from tests.browser.apps import APPS, LOCALES
from tests.browser.conftest import Visitor, accessible, fits
from tests.browser.table import TABLE, Cell
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: the account's grants, by wallet: what is usual, everything, only what the platform's own code needs
GRANTS = {
    "Wechat": {"usual": "", "all": "jsapi h5 native", "code": "native"},
    "Alipay": {"usual": "", "all": "trade_create wap precreate", "code": "precreate"},
    # no word is another wallet's product
    "Any": {
        "usual": "",
        "all": "jsapi h5 native trade_create wap precreate",
        "code": "native precreate",
    },
    "AlipayHK": {"usual": "", "all": "forex_wap forex_web"},
}

CELLS = [(wallet, grant, app) for (wallet, grant), row in TABLE.items() for app in row]


def test_the_table_is_whole() -> None:
    assert {(wallet, grant) for wallet, grants in GRANTS.items() for grant in grants} == set(TABLE)
    assert all(set(row) == set(APPS) for row in TABLE.values())


@pytest.mark.parametrize(("wallet", "grant", "app"), CELLS)
def test_every_place_has_its_page(
    merchant: Merchant,
    hong_kong: WalletAccount,
    open_page: Visitor,
    picture,
    wallet: str,
    grant: str,
    app: str,
) -> None:
    accounts = merchant.store.wallet_accounts
    accounts = accounts.all() if wallet == "Any" else accounts.filter(wallet=wallet)
    accounts.update(grants=GRANTS[wallet][grant])
    currency = "HKD" if wallet == "AlipayHK" else "CNY"
    made = merchant.create(wallet=wallet, currency=currency, returnUrl="https://shop.example/done")
    # Languages take turns, so that each row of the table speaks all of them.
    locale = list(LOCALES)[(CELLS.index((wallet, grant, app))) % len(LOCALES)]
    page = open_page(made["payUrl"], app, locale=locale)
    expected = TABLE[wallet, grant][app]
    body = page.locator("body")
    expect(body).to_have_attribute("data-channel", APPS[app].channel)
    expect(body).to_have_attribute("data-view", expected.view)
    expect(page.locator("html")).to_have_attribute("lang", LOCALES[locale][0])
    assert page.locator("[data-hint]").count() == bool(expected.hint)
    if expected.hint:
        expect(page.locator("[data-hint]")).to_have_attribute("data-hint", expected.hint)
    one_button(page, expected)
    fits(page)
    accessible(page)
    picture(page, f"table-{wallet}-{grant}-{app}-{LOCALES[locale][0]}")


def one_button(page: Page, expected: Cell) -> None:
    """One act at most, or one for each wallet, 44 px or more, and those that are expected."""
    acts = page.locator(".act:visible")
    assert [act.get_attribute("id") for act in acts.all()] == expected.act.split()
    for target in page.locator(".act:visible, .way:visible").all():
        assert target.bounding_box()["height"] >= 44
