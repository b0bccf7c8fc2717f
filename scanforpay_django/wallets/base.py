"""The form a wallet fills in.

To add a wallet write one module with a subclass of :class:`Wallet` and name it in ``SCANFORPAY_WALLETS``;
``docs/adding-a-wallet.md`` describes each hook. A wallet knows no rows, no flows and no requests: frozen values come
in, frozen values go out. It calls its platform through ``scanforpay_django.transport`` alone and raises only the
PlatformError tree.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.bills.bill_type import BillParties, BillType, FetchedBill
from scanforpay_django.wallets.channels import DESKTOP, PHONE, App, Channel, Place, WayOut
from scanforpay_django.wallets.facts import WalletFacts
from scanforpay_django.wallets.go_live import Evidence, GoLiveStep, ProductTerms
from scanforpay_django.wallets.receipt import Receipt
from scanforpay_django.wallets.results import (
    Acknowledgement,
    PaymentResult,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
)
from scanforpay_django.wallets.values import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    BankAccount,
    Credential,
    Kind,
    Limits,
    PayAction,
    Payer,
    PaymentRequest,
    Prepay,
    Product,
    ReferenceField,
    RefundRedirect,
    RefundRequest,
)

__all__ = [
    "COPY_LINK",
    "DESKTOP",
    "OWN_QR",
    "PHONE",
    "WRONG_APP",
    "Account",
    "Acknowledgement",
    "App",
    "BankAccount",
    "BillParties",
    "BillType",
    "Channel",
    "Credential",
    "Evidence",
    "FetchedBill",
    "GoLiveStep",
    "Kind",
    "Limits",
    "PayAction",
    "Payer",
    "PaymentRequest",
    "PaymentResult",
    "Place",
    "Prepay",
    "Product",
    "ProductTerms",
    "Receipt",
    "ReferenceField",
    "RefundRedirect",
    "RefundRequest",
    "RefundResult",
    "RefundState",
    "TradeState",
    "VerifiedNotification",
    "Wallet",
    "WayOut",
    "read_script",
]

_FIELD_REQUIRED = _("This field is required.")
_ON_OUR_PAGE = (Kind.BRIDGE, Kind.REDIRECT)


def read_script(module_file: str, name: str) -> str:
    """The text of a script that lies beside a wallet's module: ``read_script(__file__, "bridge.js")``."""
    return Path(module_file).with_name(name).read_text(encoding="utf-8")


class Wallet(WalletFacts, ABC):
    """One wallet, speaking for one account."""

    # -- what you may override ---------------------------------------------------------------------

    @classmethod
    def route(cls, channel: Channel) -> tuple[str, ...]:
        """What pays in a channel, by preference: names of products, OWN_QR, COPY_LINK or WRONG_APP.

        Its own app: the bridge, else the platform's page. Another wallet's app: open the right one. A phone's browser:
        the platform's page where it is granted, else our code. A computer: our code, else the platform's.
        """
        if channel.place is Place.PHONE:
            return (*cls.get_products(Kind.REDIRECT), OWN_QR)
        if channel.app is None or channel.place is Place.APP_ON_COMPUTER:
            return (OWN_QR, *cls.get_products(Kind.CODE))
        if channel.app not in cls.apps:
            return (WRONG_APP,)
        if channel.place is Place.MINI_PROGRAM:
            return (COPY_LINK,)
        if not channel.app.pays:
            return (OWN_QR, *cls.get_products(Kind.CODE))
        return (*cls.get_products(Kind.BRIDGE), *cls.get_products(Kind.REDIRECT))

    @classmethod
    def normalise_code(cls, code: str) -> str:
        """An error code as ``transient_codes`` and ``error_words`` write it: documents of different years disagree on
        case and underscores.
        """
        return code.upper().replace("_", "")

    @classmethod
    def addresses_to_register(cls, config: Mapping[str, str]) -> frozenset[str]:  # noqa: ARG003
        """Which of our addresses staff enter at the platform: payment_directory, sign_in_domain, receipt_link."""
        asked = {credential.name for credential in cls.credentials}
        return frozenset(asked & {"payment_directory", "sign_in_domain"})

    @classmethod
    def domain_file_text(cls, name: str) -> str:  # noqa: ARG003
        """What the file holds by which the platform sees that a domain is ours; "" where its name does not say it."""
        return ""

    @classmethod
    @sensitive_variables()
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with an account's credentials: field name -> text. Makes no call."""
        given = {**config, **secrets}
        wrong = {
            c.name: str(_FIELD_REQUIRED) for c in cls.credentials if c.required and not given.get(c.name)
        }
        for credential in cls.credentials:
            value = given.get(credential.name)
            if value and credential.read is not None:
                try:
                    credential.read(value)
                except ValueError as error:
                    wrong[credential.name] = str(error)
        return wrong

    def probe(self) -> None:
        """One harmless signed call that tests the credentials. Raises the PlatformError that says what is wrong."""
        self.query("0" * 28)

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where the customer's browser goes so that the platform says who the customer is (needs_payer)."""
        raise PlatformError(f"{self.name} has no sign-in")

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """Exchange what came back for the payer. Raises SignInExpired when it has to be done again (needs_payer)."""
        raise PlatformError(f"{self.name} has no sign-in")

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        """BARCODE: charge the customer's code. UNPAID: the customer still has to confirm. Raises PlatformError."""
        raise PlatformError(f"{self.name} takes no barcodes")

    def reverse(self, out_trade_no: str) -> bool:
        """BARCODE: reverse a payment whose outcome is not known. Whether the platform's own signed answer says that
        nothing of it is left; where it does not, query afterwards.
        """
        raise PlatformError(f"{self.name} takes no barcodes")

    def refund(self, request: RefundRequest) -> RefundResult:
        """Ask for a refund. The same request again is the same refund. Raises PlatformTimeout when the outcome is
        unknown, PlatformRefused for good, PlatformError otherwise.
        """
        raise PlatformError(f"{self.name} cannot refund")

    def query_refund(self, out_trade_no: str, out_refund_no: str) -> RefundResult:
        """What the platform says of the refund. Raises PlatformError; never guesses."""
        raise PlatformError(f"{self.name} cannot refund")

    def redirect_refund(self, redirect: RefundRedirect) -> RefundResult:
        """Send a refund that did not reach its payer (PAYER_UNREACHABLE) another way. Repeated, it must not pay twice.
        Raises PlatformTimeout when the outcome is unknown, PlatformRefused or PlatformError otherwise.
        """
        raise PlatformError(f"{self.name} redirects no refunds")

    def fetch_bill(self, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
        """Write the bill of one day, by the platform's calendar, into a file as it comes. None: the platform says that
        there is none, because nothing happened. Raises BillNotReady as long as it is being made, PlatformError.
        """
        raise PlatformError(f"{self.name} has no API for bills")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentResult]:
        """The trades that began from ``since`` on and before ``until``, by the platform's own list (lists_payments).

        Raises PlatformRefused where the account was not granted the list, PlatformError otherwise.
        """
        raise PlatformError(f"{self.name} has no list of payments")

    def bill_parties(self) -> BillParties:
        """Whose lines its bills may have: the account's numbers at the platform, and those of a provider's merchant."""
        return BillParties()

    # -- what is final ---------------------------------------------------------------------------

    def __init__(self, account: Account) -> None:
        self.account = account

    @classmethod
    def reference_content(cls, request: PaymentRequest) -> dict[str, str]:
        """Our reference under the name that the product has for it; empty where it has none, or no room."""
        field = cls.reference_fields.get(request.product)
        if field is None or not request.reference or len(request.reference.encode()) > field.max_bytes:
            return {}
        return {field.name: request.reference}

    @classmethod
    def collecting_party(cls, config: Mapping[str, str]) -> dict[str, str]:
        """Who collects with this configuration: the credentials that identify it, by name."""
        return {c.name: str(config.get(c.name, "")) for c in cls.credentials if c.identifies}

    @classmethod
    def wire_name(cls) -> str:
        """The wallet on the wire that accounts of this backend collect for."""
        return cls.serves or cls.name

    @classmethod
    def granted_products(cls, granted: str) -> frozenset[str]:
        """The products an account may use: what its row lists, or the default."""
        return frozenset(granted.split()) or frozenset(cls.default_grants or cls.products)

    @classmethod
    def get_products(cls, kind: Kind) -> tuple[str, ...]:
        """The names of its products of a kind."""
        return tuple(name for name, product in cls.products.items() if product.kind is kind)

    @classmethod
    def pick_product(cls, channel: Channel, granted: Collection[str]) -> str:
        """The first of ``route(channel)`` that is open to an account; "" when there is none.

        OWN_QR and COPY_LINK lead to the channels of bridges and redirects, so one of these must be granted.
        """
        page = any(cls.products[name].kind in _ON_OUR_PAGE for name in granted if name in cls.products)
        for name in cls.route(channel):
            if name == WRONG_APP or name in granted or (name in (OWN_QR, COPY_LINK) and page):
                return name
        return ""

    # -- what you must write ---------------------------------------------------------------------

    @abstractmethod
    def create(self, request: PaymentRequest) -> Prepay:
        """Ask the platform for the payment. The same request again is safe and answers the same payment.

        Raises PlatformTimeout when the outcome is unknown, PlatformSaysPaid, PlatformRefused for good,
        PlatformError otherwise.
        """

    @abstractmethod
    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """What the page does, freshly signed. Makes no call itself."""

    @abstractmethod
    def query(self, out_trade_no: str) -> PaymentResult:
        """The payment's state at the platform. Raises PlatformError; never guesses."""

    @abstractmethod
    def close(self, out_trade_no: str) -> None:
        """Tell the platform to close the payment. Proves nothing: query afterwards. Raises PlatformSaysPaid."""

    @abstractmethod
    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Verify the received bytes, then parse. Raises PlatformSignatureInvalid."""

    @abstractmethod
    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """What to answer a notification with."""
