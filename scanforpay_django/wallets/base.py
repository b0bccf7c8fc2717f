"""The form a wallet fills in, and the values that cross the seam.

To add a wallet write one module with a subclass of :class:`Wallet` and name it in ``SCANFORPAY_WALLETS``. A wallet
knows no rows, no flows and no requests: frozen values come in, frozen values go out. It calls its platform through
``scanforpay_django.transport`` alone and raises only the PlatformError tree.
"""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

REQUIRED = _("This field is required.")


class Channel(enum.StrEnum):
    """Where a pay page is open."""

    WECHAT = "wechat"
    WECHAT_DESKTOP = "wechat_desktop"
    WECHAT_MINIPROGRAM = "wechat_miniprogram"
    WECOM = "wecom"
    ALIPAY = "alipay"
    ALIPAY_MINIPROGRAM = "alipay_miniprogram"
    ALIPAYHK = "alipayhk"
    MOBILE = "mobile"
    DESKTOP = "desktop"


class TradeState(enum.StrEnum):
    """What a platform says of a payment."""

    PAID = "paid"
    UNPAID = "unpaid"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A wallet account as a value. Equal values share one Wallet instance in a process."""

    # the account's row; 0 where there is none
    pk: int
    # wallet name, as on the wire
    wallet: str
    # production, platform_sandbox or local_sandbox
    environment: str
    # public credentials by field name, as sorted pairs
    config: tuple[tuple[str, str], ...]
    # secret credentials by field name, as sorted pairs; never shown
    secrets: tuple[tuple[str, str], ...] = field(repr=False)
    # the platform's addresses by name, as sorted pairs
    hosts: tuple[tuple[str, str], ...]
    # ISO 4217 codes this account collects
    currencies: tuple[str, ...]

    def value(self, name: str) -> str:
        """A public credential, "" when absent."""
        return dict(self.config).get(name, "")

    def secret(self, name: str) -> str:
        """A secret credential, "" when absent."""
        return dict(self.secrets).get(name, "")

    def host(self, name: str) -> str:
        """One of the platform's addresses. Raises KeyError."""
        return dict(self.hosts)[name]


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One field of an account's form in admin."""

    name: str
    label: Any
    # whether it is stored encrypted and never shown again
    secret: bool = False
    required: bool = True
    # whether it is a PEM text of several lines
    multiline: bool = False
    help: Any = ""
    # reads the value; raises ValueError with what is wrong
    read: Callable[[str], object] | None = None


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Who pays, as the platform calls them."""

    id: str
    # which kind of id it is: openid, user_id, open_id
    kind: str


@dataclass(frozen=True, kw_only=True)
class PaymentRequest:
    """What is needed to ask a platform for a payment."""

    out_trade_no: str
    # minor units
    amount: int
    # ISO 4217
    currency: str
    # what the customer buys; may hold anything, the wallet makes it fit
    title: str
    # where the platform notifies us; public, without a query string
    notify_url: str
    # the last moment at which it may be paid, aware
    expires_at: datetime
    # None where the product needs no payer
    payer: Payer | None


@dataclass(frozen=True, kw_only=True)
class Prepay:
    """The platform's answer to a payment request: what the page needs to start the wallet. Holds no secret."""

    # JSON-serialisable
    data: Mapping[str, str]
    # when the data stop working, aware; None when they live as long as the payment
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PayAction:
    """What the page does to start the wallet."""

    # "wechat_bridge" or "alipay_bridge"
    kind: str
    # the bridge call's parameters, made for one showing of the page
    params: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class PaymentResult:
    """What a platform says of one payment, proven by its signature."""

    out_trade_no: str
    state: TradeState
    # the platform's own word, kept as it came
    platform_state: str = ""
    # minor units; None where the platform does not say
    amount: int | None = None
    # None where the message carries no currency
    currency: str | None = None
    trade_no: str = ""
    paid_at: datetime | None = None
    # masked or opaque, for people
    buyer: str = ""
    # the answer as it came, for the timeline; holds no secret
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PlatformNotification:
    """A proven notification."""

    # unique per account: the platform's event id
    event_id: str
    # the platform's name of the event
    kind: str
    # the content as text, for the record
    body: str
    # None for messages that tell of no payment
    result: PaymentResult | None


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What a platform wants to read."""

    status: int
    content_type: str
    body: bytes


class Wallet(ABC):
    """One wallet, speaking for one account."""

    # -- what you must set -----------------------------------------------------------------------

    #: the name on the wire, at most 10 characters
    name: ClassVar[str]
    #: the last part of its notify path
    slug: ClassVar[str]
    #: how the wallet writes itself, as a translatable text
    label: ClassVar[Any]
    #: the app a customer opens, as a translatable text
    app_label: ClassVar[Any]
    #: the channel in which its app shows our page
    app_channel: ClassVar[Channel]
    #: the product that pays in its app, kept on the payment
    app_product: ClassVar[str]
    #: the fields of an account
    credentials: ClassVar[tuple[Credential, ...]]

    # -- what you may override -------------------------------------------------------------------

    #: currencies the platform can collect at all
    currencies: ClassVar[frozenset[str]] = frozenset({"CNY"})

    @classmethod
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

    # -- what is final ---------------------------------------------------------------------------

    def __init__(self, account: Account) -> None:
        self.account = account

    # -- what you must write ---------------------------------------------------------------------

    @abstractmethod
    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where the customer's browser goes so that the platform tells us who it is."""

    @abstractmethod
    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """Exchange what came back for the payer. Raises PayerUnknown when it has to be done again."""

    @abstractmethod
    def create(self, request: PaymentRequest) -> Prepay:
        """Ask the platform for the payment. The same request again is safe and answers the same payment.

        Raises PlatformTimeout when the outcome is unknown, PlatformSaysPaid, PlatformRefused for good,
        PlatformError otherwise.
        """

    @abstractmethod
    def action(self, prepay: Mapping[str, str]) -> PayAction:
        """The page's call, freshly signed. Makes no call itself."""

    @abstractmethod
    def query(self, out_trade_no: str) -> PaymentResult:
        """What the platform says of the payment. Raises PlatformError; never guesses."""

    @abstractmethod
    def close(self, out_trade_no: str) -> None:
        """Tell the platform to close the payment. Proves nothing: query afterwards. Raises PlatformSaysPaid."""

    @abstractmethod
    def read_notification(self, headers: Mapping[str, str], body: bytes) -> PlatformNotification:
        """Verify the received bytes, then parse. Raises NotProven."""

    @abstractmethod
    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """What to answer a notification with."""
