"""A pytest fixture for your own test suite: a WeChat Pay and an Alipay that pay, and misbehave, on demand.

In the conftest.py at the root of your tests, with pytest-django installed and ``scanforpay_django.sandbox`` in
INSTALLED_APPS and in the URLconf (``path("sandbox/", include("scanforpay_django.sandbox.urls"))``)::

    pytest_plugins = ["scanforpay_django.sandbox.testing"]

and then::

    def test_an_order_is_paid_although_no_notification_comes(scanforpay_sandbox, store):
        scanforpay_sandbox.wechat_account(store)
        scanforpay_sandbox.fault("notify-never")
        pay_url = create_an_order(store)
        assert scanforpay_sandbox.pay(pay_url, as_="wechat").state == "paid"

Everything runs over real HTTP through pytest-django's ``live_server``; nothing leaves the machine. The names of
the faults are the keys of ``scanforpay_django.sandbox.faults.FAULTS``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from scanforpay_django.conf import LOCAL_SANDBOX

from . import faults, merchants, misbehave, notify, payments
from .customer import Customer
from .models import App, Merchant, Refund, SandboxFault, Trade
from .pay_page import CustomerError

__all__ = ["CustomerError", "Paid", "Sandbox", "scanforpay_sandbox"]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """How a customer's visit ended."""

    # what the order's page says: paid; pending after a cancel
    state: str
    # the way back to the shop, "" for none
    next_url: str
    # what the customer did, a line a step
    steps: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sandbox:
    """The platforms, as a test handles them."""

    # where they are
    url: str

    # -- accounts: rows of WalletAccount that point at the sandbox ---------------------------------

    def wechat_account(
        self, store: Any, *, key_mode: str = "public_key", partner: bool = False, **fields: Any
    ) -> Any:
        """A Wechat account of ``store``. key_mode: public_key, certificate or migration.

        ``partner``: a sub-merchant of a service provider. ``fields`` go to the WalletAccount, as everywhere here.
        """
        issue = merchants.issue_wechat_partner_credentials if partner else merchants.issue_wechat_credentials
        return _account(store, "Wechat", issue(key_mode), fields)

    def wechat_global_account(
        self, store: Any, *, wallet: str = "WechatGlobal", institution: bool = False, **fields: Any
    ) -> Any:
        """An account at WeChat Pay HK, in HKD; ``wallet`` is its name in SCANFORPAY_WALLETS.

        ``institution``: a sub-merchant of an institution.
        """
        issued = merchants.issue_wechat_global_credentials(institution=institution)
        return _account(store, wallet, issued, {"currencies": "HKD", **fields})

    def alipay_account(
        self,
        store: Any,
        *,
        certificates: bool = False,
        open_id_only: bool = False,
        isv: bool = False,
        **fields: Any,
    ) -> Any:
        """An Alipay account of ``store``: in certificate mode, of a new app, or called for by an ISV."""
        issued = merchants.issue_alipay_credentials(
            certificates=certificates, open_id_only=open_id_only, isv=isv
        )
        return _account(store, "Alipay", issued, fields)

    def alipay_global_account(self, store: Any, *, wallet: str = "AlipayHK", **fields: Any) -> Any:
        """An account at Alipay's cross-border gateway, in HKD; ``wallet`` is its name in SCANFORPAY_WALLETS."""
        issued = merchants.issue_alipay_global_credentials()
        return _account(store, wallet, issued, {"currencies": "HKD", **fields})

    # -- customers ----------------------------------------------------------------------------------

    def pay(
        self, pay_url: str, as_: str = "wechat", *, outcome: str = "pay", user: str = "", timeout: float = 40
    ) -> Paid:
        """Open ``pay_url`` as ``as_`` (wechat, alipay, alipayhk, browser, desktop), pay, and wait for paid.

        ``outcome="cancel"`` changes its mind. The same ``user`` is the same person. Raises CustomerError when the
        page cannot be paid or does not say paid within ``timeout`` seconds.
        """
        steps: list[str] = []
        customer = Customer(app=App(as_), user=user, sandbox=self.url, say=steps.append)
        with customer.session:
            page = customer.open(pay_url)
            customer.use_wallet(page, outcome)
            status = customer.wait_until_paid(page, timeout) if outcome == "pay" else customer.ask_state(page)
        after = status.get("next") or page.data.get("returnUrl") or ""
        return Paid(state=str(status.get("state")), next_url=str(after), steps=steps)

    def confirm(self, trade: Trade) -> bool:
        """The customer confirms a trade that waits: a barcode, a scanned code. False: it was too late."""
        return payments.pay(trade, trade.payer.phone_user if trade.payer else "")

    # -- trouble ------------------------------------------------------------------------------------

    def fault(
        self,
        name: str,
        *,
        count: int = 1,
        account: Any = None,
        trade: Trade | None = None,
        operation: str = "",
        seconds: Decimal | int | str | None = None,
    ) -> SandboxFault:
        """Let ``name`` strike the next ``count`` times: anywhere, at one account's merchant, or at one trade.

        ``operation`` narrows faults of answers to one kind of call (create, query, close, cancel, refund,
        refund_query, bill). Raises FaultError for names there are none of.
        """
        merchant = _find_merchant(account) if account is not None else None
        return faults.arm(
            name, count=count, merchant=merchant, trade=trade, operation=operation, seconds=seconds
        )

    def clear_faults(self) -> None:
        """Disarm what has not struck yet."""
        faults.clear()

    def finish_refund(self, refund: Refund, state: str = "SUCCESS") -> bool:
        """End a refund that hangs (fault refund-pending): SUCCESS, CLOSED or ABNORMAL."""
        return payments.finish_refund(refund, state)

    # -- what the platforms remember ----------------------------------------------------------------

    @property
    def trades(self) -> list[Trade]:
        """All trades, oldest first."""
        return list(Trade.objects.select_related("merchant__provider", "payer__merchant").order_by("pk"))

    @property
    def refunds(self) -> list[Refund]:
        """All refunds, oldest first."""
        return list(Refund.objects.select_related("trade__merchant").order_by("pk"))

    def wait_for_notices(self, timeout: float = 10) -> bool:
        """Wait until no notification is being sent or waiting for its repetition."""
        return notify.wait_until_idle(timeout)


def _account(store: Any, wallet: str, issued: merchants.Credentials, fields: dict[str, Any]) -> Any:
    config, hidden = issued
    account = apps.get_model("scanforpay", "WalletAccount")(
        store=store, wallet=wallet, environment=LOCAL_SANDBOX, config=config, **fields
    )
    account.set_secrets(hidden)
    account.save()
    return account


def _find_merchant(account: Any) -> Merchant:
    """The sandbox's merchant behind a wallet account."""
    config = account.config
    number = config.get("mchid") or config.get("seller_id") or config.get("partner") or ""
    return Merchant.objects.get(number=number)


@pytest.fixture
def scanforpay_sandbox(live_server: Any, settings: Any) -> Iterator[Sandbox]:
    """The sandbox on a live server, which is the project's base URL for the time of the test."""
    settings.SCANFORPAY_SANDBOX_ALLOWED = True
    settings.SCANFORPAY_BASE_URL = live_server.url
    settings.SCANFORPAY_SANDBOX_URL = live_server.url + reverse("scanforpay_sandbox:home").rstrip("/")
    allowed = getattr(settings, "SCANFORPAY_OUTBOUND_ALLOW", [])
    settings.SCANFORPAY_OUTBOUND_ALLOW = [*allowed, live_server.url]
    yield Sandbox(settings.SCANFORPAY_SANDBOX_URL)
    misbehave.release()
    notify.stop_all()
