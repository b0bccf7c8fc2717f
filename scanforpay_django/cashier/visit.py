"""One request for a page of one order: who looks at it, where, and what that browser may do."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from scanforpay_django.cashier.browser import get_browser, new_browser, stays_here
from scanforpay_django.cashier.language import get_language
from scanforpay_django.cashier.user_agent import classify
from scanforpay_django.client_address import client_address
from scanforpay_django.exceptions import AccountMissing
from scanforpay_django.flows.configured_wallet import ConfiguredWallet, find_order_wallets
from scanforpay_django.models import Order
from scanforpay_django.page_address import page_address
from scanforpay_django.wallets.base import OWN_QR, WRONG_APP, Channel
from scanforpay_django.wire import ANY_WALLET

RETURNABLE = (Order.State.PAID, Order.State.CLOSED, Order.State.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Option:
    """A wallet with which the order may be paid where its page is open."""

    configured: ConfiguredWallet
    # what pays there: a product's name, OWN_QR, COPY_LINK or WRONG_APP
    way: str

    @property
    def name(self) -> str:
        """The wallet's name on the wire."""
        return self.configured.backend.wire_name()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page of one order."""

    request: HttpRequest
    order: Order
    # the token in the address: the payUrl's, or the QR code's
    token: str
    # this browser's name; new when it was not here before
    browser: str
    # whether the cookie came with the request
    is_known: bool
    # whether this request opens the page and so is given the cookie
    opens: bool
    channel: Channel
    language: str

    @property
    def is_payers_own(self) -> bool:
        """Whether the payUrl itself is open: only there is a way back to the shop."""
        return self.token == self.order.token

    @property
    def is_on_a_phone(self) -> bool:
        """Whether the code on the page cannot be scanned with the very device that shows it."""
        return not self.channel.is_on_computer

    @property
    def takes_any_wallet(self) -> bool:
        """Whether the customer chooses: until it is paid, when the order has the name of the wallet that paid."""
        return self.order.wallet == ANY_WALLET

    @cached_property
    def options(self) -> list[Option]:
        """With what the order may be paid here, at least one. An order of one wallet has one, and so has a page that is
        open in an app that pays; of several the customer's choice is left when there was one. Raises AccountMissing.
        """
        # A wrong SCANFORPAY_TRUSTED_PROXIES hides the customer's address.
        has_address = bool(client_address(self.request))
        wallets = find_order_wallets(self.order)
        found = [
            Option(configured=one, way=one.pick_product(self.channel, has_client_address=has_address))
            for one in wallets
        ]
        found = [option for option in found if option.way]
        if not found:
            raise AccountMissing(wallet=self.order.wallet)
        return self._narrow(found) if len(wallets) > 1 else found

    def _narrow(self, found: list[Option]) -> list[Option]:
        if self.channel.is_on_computer:
            # One code for all, also in an app that runs on computers: the phone's app reads it.
            found = [replace(option, way=OWN_QR) if option.way == WRONG_APP else option for option in found]
        elif own := [option for option in found if self.channel.app in option.configured.backend.apps]:
            return own[:1]
        payable = [option for option in found if option.way != WRONG_APP] or found
        asked_for = self.request.POST.get("wallet") or self.request.GET.get("wallet")
        return [option for option in payable if option.name == asked_for] or payable

    @cached_property
    def page_path(self) -> str:
        """The page's own path; those of its other views go on from it."""
        return reverse("scanforpay:pay", args=[self.token])

    def url(self, name: str) -> str:
        """The path of one of this page's views: pay, status, go, return or leave."""
        return self.page_path if name == "pay" else f"{self.page_path}/{name}"

    def may_return(self) -> bool:
        """Whether this browser may still be sent to the shop: it opened the payUrl first, and none was sent yet."""
        order = self.order
        here = (self.is_known or self.opens) and order.return_browser in ("", self.browser)
        return bool(self.is_payers_own and here and order.return_url and order.returned_at is None)

    def shows_code_first(self) -> bool:
        """Whether the QR code comes before everything: a till's tablet must not start a payment."""
        is_till = self.order.entry in (Order.Entry.QRCODE, Order.Entry.CODE) and self.is_payers_own
        return is_till and not stays_here(self.request, self.token)

    def bind(self) -> None:
        """The first browser that shows life on the payUrl's page is the customer's: another one that is handed the
        link is never sent to the shop. A link's preview opens the page and does nothing more, so it binds nothing.
        """
        if not self.order.return_browser and self.is_payers_own and self.is_known:
            first = Order.objects.filter(pk=self.order.pk, return_browser="")
            if first.update(return_browser=self.browser):
                self.order.return_browser = self.browser
            else:
                self.order.refresh_from_db(fields=["return_browser"])


def make_visit(request: HttpRequest, order: Order, token: str, *, opens: bool = False) -> Visit:
    """What a request says of its visitor."""
    known = get_browser(request, token)
    return Visit(
        request=request,
        order=order,
        token=token,
        browser=known or new_browser(),
        is_known=known is not None,
        opens=opens,
        channel=classify(request.headers.get("User-Agent", "")),
        language=get_language(request, order.store.language),
    )


def shown_state(order: Order) -> str:
    """The state a page shows: an order whose time is up is not offered any more."""
    return "expired" if order.state == Order.State.PENDING and order.is_past_expiry() else order.state


def scan_url(order: Order) -> str:
    """The QR code's address: it pays and shows the result, and never leads to the shop."""
    return page_address(order.scan_token)
