"""The form a wallet fills in.

To add a wallet write one module with a subclass of :class:`Wallet` and name it in ``SCANFORPAY_WALLETS``;
``docs/adding-a-wallet.md`` describes each hook. A wallet knows no rows, no flows and no requests: frozen values come
in, frozen values go out. It calls its platform through ``scanforpay_django.transport`` alone and raises only the
PlatformError tree.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.channels import DESKTOP, PHONE, App, Channel, Place, WayOut
from scanforpay_django.wallets.receipt import Receipt
from scanforpay_django.wallets.values import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    Acknowledgement,
    BillLine,
    Credential,
    Kind,
    Limits,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    Prepay,
    Product,
    ReferenceField,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
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
    "BillLine",
    "Channel",
    "Credential",
    "Kind",
    "Limits",
    "PayAction",
    "Payer",
    "PaymentRequest",
    "PaymentResult",
    "Place",
    "Prepay",
    "Product",
    "Receipt",
    "ReferenceField",
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


class Wallet(ABC):
    """One wallet, speaking for one account."""

    # -- what you must set -----------------------------------------------------------------------

    #: the key in SCANFORPAY_WALLETS and on accounts, at most 20 characters
    name: ClassVar[str]
    #: the last part of its notify path
    slug: ClassVar[str]
    #: how the wallet writes itself to customers, as a translatable text
    label: ClassVar[Any]
    #: the app a customer opens, as a translatable text
    app_label: ClassVar[Any]
    #: what the platform can do, by name
    products: ClassVar[Mapping[str, Product]]
    #: the fields of an account
    credentials: ClassVar[tuple[Credential, ...]]

    # -- what you may override: where it is paid ---------------------------------------------------

    #: the platform's addresses by environment and name; "{sandbox}" is where the sandbox app is mounted.
    #: They are code and settings, never rows: with other hosts an account could be paid by anybody
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    #: the apps that are its own, the most special User-Agent first
    apps: ClassVar[tuple[App, ...]] = ()
    #: JavaScript that sets window.scanforpayBridge; needed for products of the kind BRIDGE
    bridge_script: ClassVar[str] = ""
    #: what the codes look like that its app shows to be scanned; "": it shows none that are charged here
    barcode_pattern: ClassVar[str] = ""
    #: the same for people, as a translatable text
    barcode_rule: ClassVar[Any] = ""
    #: the wallet's own colour on its button, and a colour that can be read on it, as #rrggbb; "": the page's dark ink
    button_color: ClassVar[str] = ""
    button_ink: ClassVar[str] = "#ffffff"
    #: the page that the platform frames after a payment, where it does
    receipt: ClassVar[Receipt | None] = None

    # -- what you may override: what it can do -----------------------------------------------------

    #: how staff tell it from others of the same label; "": its label
    staff_label: ClassVar[Any] = ""
    #: the word on the wire whose orders this backend takes; "": its own name. Several may serve the same word:
    #: the order's currency decides which of a store's accounts collects
    serves: ClassVar[str] = ""
    #: the products a new account is taken to have been granted; none: all
    default_grants: ClassVar[tuple[str, ...]] = ()
    #: currencies the platform can collect
    currencies: ClassVar[frozenset[str]] = frozenset({"CNY"})
    #: abilities, refused early where False (code 44)
    can_refund: ClassVar[bool] = False
    #: False: its trades end by their time alone, and ``close`` does nothing
    can_close: ClassVar[bool] = True
    can_download_bills: ClassVar[bool] = False
    #: whether the answer to probe() is signed, and so verifies the platform's key too
    probe_verifies_both: ClassVar[bool] = True
    #: how an account may be set up, for people
    modes: ClassVar[tuple[str, ...]] = ("direct merchant",)
    #: what staff do to take an account live, in order, as translatable texts
    go_live_steps: ClassVar[tuple[Any, ...]] = ()

    # -- what you may override: what its platform publishes ----------------------------------------

    limits: ClassVar[Limits] = Limits()
    #: error codes of the platform that pass by themselves, as normalise_code() writes them: the same call is made again
    transient_codes: ClassVar[frozenset[str]] = frozenset()
    #: error code, as normalise_code() writes it -> what is wrong with an account and what to do, marked for translation
    error_words: ClassVar[Mapping[str, str]] = {}
    #: error code, as normalise_code() writes it -> why a refund was refused and what to do, marked for translation
    refund_words: ClassVar[Mapping[str, str]] = {}
    #: kind of a notification -> the fields the platform documents for it; empty: not listed
    notification_fields: ClassVar[Mapping[str, frozenset[str]]] = {}
    #: kinds of notifications that say, of a trade that was paid, that all of it has gone back
    returned_kinds: ClassVar[frozenset[str]] = frozenset()
    #: product -> the field of an order that carries our reference
    reference_fields: ClassVar[Mapping[str, ReferenceField]] = {}
    #: the usual fee as a part of the amount; None: it is agreed with each merchant
    fee_rate: ClassVar[Decimal | None] = None

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
        """Where the customer's browser goes so that the platform tells us who it is (needs_payer)."""
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

    def bill(self, day: date) -> Sequence[BillLine]:
        """The lines of one day's bill in Beijing time; none for an empty day. Raises PlatformError while not ready."""
        raise PlatformError(f"{self.name} has no bills")

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
