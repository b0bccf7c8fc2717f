"""The form a wallet fills in, and the values that cross the seam.

To add a wallet write one module with a subclass of :class:`Wallet` and name it in ``SCANFORPAY_WALLETS``. A wallet
knows no rows, no flows and no requests: frozen values come in, frozen values go out. It calls its platform through
``scanforpay_django.transport`` alone and raises only the PlatformError tree.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.values import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    Acknowledgement,
    BillLine,
    Channel,
    Credential,
    Kind,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    Prepay,
    Product,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
    VerifiedNotification,
)

__all__ = [
    "COPY_LINK",
    "OWN_QR",
    "WRONG_APP",
    "Account",
    "Acknowledgement",
    "BillLine",
    "Channel",
    "Credential",
    "Kind",
    "PayAction",
    "Payer",
    "PaymentRequest",
    "PaymentResult",
    "Prepay",
    "Product",
    "RefundRequest",
    "RefundResult",
    "RefundState",
    "TradeState",
    "VerifiedNotification",
    "Wallet",
]

REQUIRED = _("This field is required.")


class Wallet(ABC):
    """One wallet, speaking for one account."""

    # -- what you must set -----------------------------------------------------------------------

    #: the key in SCANFORPAY_WALLETS and on accounts, at most 20 characters
    name: ClassVar[str]
    #: the last part of its notify path
    slug: ClassVar[str]
    #: how the wallet writes itself, as a translatable text
    label: ClassVar[Any]
    #: the app a customer opens, as a translatable text
    app_label: ClassVar[Any]
    #: what the platform can do, by name
    products: ClassVar[Mapping[str, Product]]
    #: which product pays where, by preference: products, OWN_QR, COPY_LINK or WRONG_APP for each channel
    routes: ClassVar[Mapping[Channel, tuple[str, ...]]]
    #: the fields of an account
    credentials: ClassVar[tuple[Credential, ...]]

    # -- what you may override -------------------------------------------------------------------

    #: the word on the wire whose orders this backend takes; "": its own name. Several may serve the same word:
    #: a store's accounts are told apart by the order's currency
    serves: ClassVar[str] = ""
    #: the products a new account is taken to have been granted; none: all
    default_grants: ClassVar[tuple[str, ...]] = ()
    #: currencies the platform can collect
    currencies: ClassVar[frozenset[str]] = frozenset({"CNY"})
    #: abilities, refused early where False (code 44)
    can_refund: ClassVar[bool] = False
    can_download_bills: ClassVar[bool] = False
    #: whether the answer to probe() is signed, and so proves the platform's key too
    probe_proves_both: ClassVar[bool] = True
    #: what the codes look like that its app shows to be scanned; "": it shows none that are charged here
    barcode_pattern: ClassVar[str] = ""
    #: how long the platform wants between two refunds of one payment
    refund_interval_seconds: ClassVar[int] = 0
    #: how an account may be set up, for people
    modes: ClassVar[tuple[str, ...]] = ("direct merchant",)
    #: whether accounts in a platform's own sandbox exist
    has_platform_sandbox: ClassVar[bool] = False

    @classmethod
    @sensitive_variables()
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with an account's credentials: field name -> text. Makes no call."""
        given = {**config, **secrets}
        wrong = {c.name: str(REQUIRED) for c in cls.credentials if c.required and not given.get(c.name)}
        for credential in cls.credentials:
            value = given.get(credential.name)
            if value and credential.read is not None:
                try:
                    credential.read(value)
                except ValueError as error:
                    wrong[credential.name] = str(error)
        return wrong

    def probe(self) -> None:
        """One harmless signed call that proves the credentials. Raises the PlatformError that says what is wrong."""
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
        """BARCODE: undo a payment whose outcome is not known. Whether the platform's own signed answer says that
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
    def wire_name(cls) -> str:
        """The wallet on the wire that accounts of this backend collect for."""
        return cls.serves or cls.name

    @classmethod
    def granted_products(cls, granted: str) -> frozenset[str]:
        """The products an account may use: what its row lists, or the default."""
        return frozenset(granted.split()) or frozenset(cls.default_grants or cls.products)

    @classmethod
    def way(cls, channel: Channel, granted: frozenset[str]) -> str:
        """The first way of ``routes`` that is open to an account; "" when there is none.

        OWN_QR and COPY_LINK lead to the channels of bridges and redirects, so one of these must be granted.
        """
        page = {name for name in granted if name in cls.products and cls.products[name].kind in _ON_OUR_PAGE}
        for name in cls.routes.get(channel, ()):
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
        """What the platform says of the payment. Raises PlatformError; never guesses."""

    @abstractmethod
    def close(self, out_trade_no: str) -> None:
        """Tell the platform to close the payment. Proves nothing: query afterwards. Raises PlatformSaysPaid."""

    @abstractmethod
    def read_notification(self, headers: Mapping[str, str], body: bytes) -> VerifiedNotification:
        """Verify the received bytes, then parse. Raises PlatformSignatureInvalid."""

    @abstractmethod
    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """What to answer a notification with."""


_ON_OUR_PAGE = (Kind.BRIDGE, Kind.REDIRECT)
