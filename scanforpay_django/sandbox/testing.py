"""What the pytest fixture ``scanforpay_sandbox`` can do: a WeChat Pay and an Alipay that pay, and misbehave, on demand.

With pytest-django installed and ``scanforpay_django.sandbox`` in INSTALLED_APPS the fixture is there, without an import
and without settings::

    def test_an_order_is_paid_although_no_notification_comes(scanforpay_sandbox, store):
        scanforpay_sandbox.wechat_account(store)
        scanforpay_sandbox.fault("notify-never")
        order = checkout.create(number="A-1", amount=2100)
        assert scanforpay_sandbox.pay(order).state == "paid"
        scanforpay_sandbox.work()  # now the handlers of the project have run

Everything runs over real HTTP through pytest-django's ``live_server``; nothing leaves the machine. The names of
the faults are the keys of ``scanforpay_django.sandbox.faults.FAULTS``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import call_command

from scanforpay_django import clock
from scanforpay_django.conf import LOCAL_SANDBOX
from scanforpay_django.wallets.registry import serving

from . import faults, merchants, moved_clock, notify, payments
from .bill_testing import Bills, find_merchant
from .customer import SCANNERS, Customer
from .models import App, Refund, SandboxFault, Trade
from .pay_page import CustomerError

__all__ = ["CustomerError", "Paid", "Sandbox"]

#: what makes an account, by the account's wallet, and the currency that it collects unless another is named
MAKERS = {
    "Wechat": ("wechat_account(store%s)", "CNY"),
    "WechatGlobal": ("wechat_global_account(store%s)", "HKD"),
    "Alipay": ("alipay_account(store%s)", "CNY"),
    "AlipayGlobal": ('alipay_global_account(store, wallet="AlipayGlobal"%s)', "HKD"),
    "AlipayHK": ("alipay_global_account(store%s)", "HKD"),
}


@dataclass(frozen=True, kw_only=True)
class Paid:
    """How a customer's visit ended."""

    # what the order's page says: paid; pending after a cancel
    state: str
    # the way back to the shop, "" for none
    next_url: str
    # what the customer did, a line a step
    steps: list[str] = field(default_factory=list)


class Clock:
    """The time of the project, of its database's statements and of the platforms, as a test moves it."""

    def now(self) -> datetime:
        """The time that the project and the platforms have: aware, in UTC."""
        return clock.now()

    def forward(self, **span: float) -> datetime:
        """Put the clock forward by so many ``days``, ``hours``, ``minutes`` or ``seconds``, until the test has ended;
        the time then. What is due then comes with the next ``work``. Raises ClockRefused.
        """
        moved_clock.forward(timedelta(**span))
        return clock.now()


@dataclass(frozen=True)
class Sandbox:
    """The platforms, as a test handles them."""

    # where they are
    url: str
    clock: Clock = field(default_factory=Clock)
    bills: Bills = field(default_factory=Bills)

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
        self, order: Any, as_: str = "", *, outcome: str = "pay", user: str = "", timeout: float = 40
    ) -> Paid:
        """Open the pay page of ``order``, an Order or its address, pay, and wait for paid; ``order`` is read anew.

        ``as_``: where it is opened (wechat, alipay, alipayhk, browser, desktop). By default the app of the order's
        wallet, of the store's first account where the customer may choose, and wechat for an address.
        ``outcome="cancel"`` changes its mind. The same ``user`` is the same person. The project's handlers have not
        run yet: see ``work``. Raises CustomerError when the store has no account at the sandbox for the order, and
        when the page cannot be paid or does not say paid within ``timeout`` seconds.
        """
        if isinstance(order, str):
            return self._visit(order, App(as_ or App.WECHAT), outcome, user, timeout)
        own = _app_of(order)
        done = self._visit(order.pay_url, App(as_) if as_ else own, outcome, user, timeout)
        order.refresh_from_db()
        return done

    def _visit(self, pay_url: str, app: App, outcome: str, user: str, timeout: float) -> Paid:
        steps: list[str] = []
        customer = Customer(app=app, user=user, sandbox=self.url, say=steps.append)
        with customer.session:
            page = customer.open(pay_url)
            customer.use_wallet(page, outcome)
            status = customer.wait_until_paid(page, timeout) if outcome == "pay" else customer.ask_state(page)
        after = status.get("next") or page.data.get("returnUrl") or ""
        return Paid(state=str(status.get("state")), next_url=str(after), steps=steps)

    def confirm(self, trade: Trade) -> bool:
        """The customer confirms a trade that waits: a barcode, a scanned code. False: it was too late."""
        return payments.pay(trade, trade.payer.phone_user if trade.payer else "")

    # -- the worker ---------------------------------------------------------------------------------

    def work(self) -> None:
        """Do once what the worker would do: call the handlers of ``checkout.on_paid`` and the others, deliver
        notifications, ask the platforms.

        A handler that raises does not end the test: its traceback is logged, and pytest shows it when the test fails.
        """
        call_command("scanforpay_worker", once=True, stdout=StringIO())

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
        merchant = find_merchant(account) if account is not None else None
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


def _app_of(order: Any) -> App:
    """The app that pays ``order``. Raises CustomerError when no account of its store at the sandbox collects it."""
    backends = [one for one in serving(order.wallet) if order.currency in one.currencies]
    names = [backend.name for backend in backends]
    at_sandbox = order.store.wallet_accounts.filter(
        environment=LOCAL_SANDBOX, is_active=True, wallet__in=names
    ).order_by("pk")
    account = next((one for one in at_sandbox if order.currency in one.currency_list()), None)
    if account is None:
        raise CustomerError(
            f"store {order.store.store_no} has no active account at the sandbox for order {order.partner_order_no} "
            f"(wallet {order.wallet}, {order.currency}); one is made by {_makers(names, order.currency)}"
        )
    return SCANNERS.get(account.wallet, App.BROWSER)


def _makers(wallets: list[str], currency: str) -> str:
    """The calls that make an account of one of ``wallets``, with the currency where none has it by default."""
    made = [MAKERS[name] for name in wallets if name in MAKERS]
    calls = [call % "" for call, collected in made if collected == currency]
    calls = calls or [call % f', currencies="{currency}"' for call, _ in made]
    return (
        " or ".join(f"scanforpay_sandbox.{call}" for call in calls)
        or "your own code: the sandbox does not play it"
    )
