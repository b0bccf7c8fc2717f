"""The values that flows and wallets exchange: frozen, keyword-only."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Kind(enum.StrEnum):
    """How a product is paid."""

    # a call of the app's JavaScript bridge on our page
    BRIDGE = "bridge"
    # the customer taps and the browser goes to the platform's page
    REDIRECT = "redirect"
    # the platform's own QR code, shown on our page
    CODE = "code"
    # the merchant scans the customer's code
    BARCODE = "barcode"


#: what a route may name beside products: see Wallet.route
OWN_QR = "own_qr"
COPY_LINK = "copy_link"
WRONG_APP = "wrong_app"


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
    # whether it says who collects: it stays as it is once an attempt was made through the account
    identifies: bool = False
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
class Product:
    """One way in which a platform takes a payment."""

    # what a payment's row and an account's grants call it, at most 20 characters
    name: str
    kind: Kind
    label: Any
    # whether the customer has to be signed in first
    needs_payer: bool = False
    # REDIRECT: the platform learns of the payment when the customer gets there, so nothing may be made before the tap
    opens_on_tap: bool = False
    # REDIRECT: whether the platform compares the address the customer pays from with the one it was given
    needs_client_address: bool = False
    # how long after its own expiry a payment may still turn out to exist
    lives_on_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a platform publishes about refunds, and about how long it may take."""

    # refunds of one payment; None: no limit is published
    max_refunds: int | None = None
    # how long after the payment a refund is taken
    refund_days: int = 365
    # how long the platform wants between two refunds of one payment
    refund_interval_seconds: int = 0
    # how long an accepted refund may be under way before somebody has to look; None: not published
    refund_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReferenceField:
    """The field of an order that carries a reference of ours and comes back with the platform's messages."""

    # as the platform spells it
    name: str
    # of UTF-8
    max_bytes: int
    # which messages return it: "query", "notification", "bill"
    returned_by: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PaymentRequest:
    """What is needed to ask a platform for a payment."""

    # the product's name
    product: str
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
    payer: Payer | None = None
    # the customer's address, "" where the product does not need it
    client_ip: str = ""
    # our page, where the platform sends the browser back to; "" where it does not
    return_url: str = ""
    # what the platform keeps for us where the product has a field for it; ASCII, at most 128 bytes
    reference: str = ""
    # the customer's code, BARCODE only
    barcode: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """What is needed to give money back."""

    out_trade_no: str
    # ours, global; the same number again is the same refund
    out_refund_no: str
    # minor units: the amount of this refund
    amount: int
    # minor units: what was paid
    paid_amount: int
    # ISO 4217
    currency: str
    # "" or what the customer reads
    reason: str = ""
    # where the platform notifies us of this refund; "" where it does not
    notify_url: str = ""


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """A customer's own card, for a refund that cannot go back the way it came. It is sent to the platform and kept
    nowhere.
    """

    # one of the wallet's refund_banks
    bank: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RefundRedirect:
    """Another way for a refund that did not reach its payer."""

    out_refund_no: str
    # the platform's own number of it
    refund_id: str
    # None: to the merchant's bank account; the merchant then pays the customer by other means
    account: BankAccount | None


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

    # "bridge", "redirect" or "code"
    kind: str
    # a bridge call's parameters, made for one showing of the page; {"url": ...} of a redirect or a code
    params: Mapping[str, str]
