"""What a wallet says of itself: the attributes of ``base.Wallet``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.channels import App
from scanforpay_django.wallets.go_live import GoLiveStep, ProductTerms
from scanforpay_django.wallets.receipt import Receipt
from scanforpay_django.wallets.values import Credential, Limits, Product, ReferenceField


class WalletFacts:
    """Set, or left as they are, by each wallet's class; ``docs/adding-a-wallet.md`` describes each of them."""

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
    #: whether a refund that did not reach its payer can be sent to a bank account instead
    can_redirect_refunds: ClassVar[bool] = False
    #: the banks whose cards such a refund may go to: the platform's code -> name; empty: to the merchant alone
    refund_banks: ClassVar[Mapping[str, Any]] = {}
    #: False: its trades end by their time alone, and ``close`` does nothing
    can_close: ClassVar[bool] = True
    #: name -> a kind of bill that the platform makes; which of them have an API says ``is_fetched``
    bill_types: ClassVar[Mapping[str, BillType]] = {}
    #: whether its bills show what an order carries for us: a line without it is then of another system
    bill_has_reference: ClassVar[bool] = False
    #: whether its platform lists what an account was paid in a time: ``list_payments`` reads it
    lists_payments: ClassVar[bool] = False
    #: whether the answer to probe() is signed, and so verifies the platform's key too
    probe_verifies_both: ClassVar[bool] = True
    #: how an account may be set up, for people
    modes: ClassVar[tuple[str, ...]] = ("direct merchant",)
    #: what staff do and see at the platform before an account takes real payments, in order. The public address, the
    #: notify address, the connection and a first payment are in every account's list without being named here
    go_live_steps: ClassVar[tuple[GoLiveStep, ...]] = ()
    #: product -> who is granted it
    product_terms: ClassVar[Mapping[str, ProductTerms]] = {}

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
