"""What Alipay in foreign currency is: its hosts, app, products, limits and words."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django.conf import LOCAL_SANDBOX, PLATFORM_SANDBOX, PRODUCTION
from scanforpay_django.wallets import account_faults, refund_faults
from scanforpay_django.wallets.alipay.apps import ALIPAY
from scanforpay_django.wallets.alipay_cross_border.go_live import (
    CROSS_BORDER_GO_LIVE_STEPS,
    CROSS_BORDER_PRODUCT_TERMS,
)
from scanforpay_django.wallets.alipay_cross_border.messages import (
    CROSS_BORDER_NOTIFICATION_FIELDS,
)
from scanforpay_django.wallets.alipay_cross_border.settlement import SETTLEMENT_BILL_TYPES
from scanforpay_django.wallets.base import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    App,
    Channel,
    Credential,
    Kind,
    Limits,
    Place,
    Product,
    Wallet,
    WayOut,
)
from scanforpay_django.wallets.rsa import load_private_key, load_public_key

# timeout_rule counts from when the customer got there, and an address does not age: that "there is no such trade" after
# the order's time proves nothing until the longest rule has run out too.
MAX_ADDRESS_SECONDS = 86400


class AlipayGlobalFacts(Wallet):
    """What Alipay in foreign currency is: its hosts, app, products, limits and words."""

    name = "AlipayGlobal"
    serves = "Alipay"
    slug = "alipay-global"
    label = _("Alipay")
    app_label = label
    staff_label = _("Alipay (cross-border)")
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {
        PRODUCTION: {"gateway": "https://intlmapi.alipay.com/gateway.do"},
        PLATFORM_SANDBOX: {"gateway": "https://mapi.alipaydev.com/gateway.do"},
        LOCAL_SANDBOX: {"gateway": "{sandbox}/alipay_global/gateway.do"},
    }
    apps: ClassVar[tuple[App, ...]] = (ALIPAY,)
    button_color = "#1677ff"
    payment_inst: ClassVar[str] = "ALIPAYCN"
    products = {
        "forex_wap": Product(
            name="forex_wap",
            kind=Kind.REDIRECT,
            label=_("create_forex_trade_wap, on phones"),
            opens_on_tap=True,
            lives_on_seconds=MAX_ADDRESS_SECONDS,
        ),
        "forex_web": Product(
            name="forex_web",
            kind=Kind.REDIRECT,
            label=_("create_forex_trade, on computers"),
            opens_on_tap=True,
            lives_on_seconds=MAX_ADDRESS_SECONDS,
        ),
    }
    default_grants = ("forex_wap",)
    currencies = frozenset(
        {"HKD", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "NZD", "SGD", "CHF", "THB", "KRW"}
    )
    can_refund = True
    can_close = False
    # By SFTP and from a console: staff upload them.
    bill_types = SETTLEMENT_BILL_TYPES
    probe_verifies_both = False
    # Source: docs.antom.com, forex_refund: one every three seconds, within 365 days.
    limits = Limits(refund_days=365, refund_interval_seconds=3, refund_seconds=3 * 86400)
    transient_codes = frozenset({"REFUNDTOOFREQUENT"})
    # Source: docs.antom.com, forex_refund, its table of errors.
    refund_words: ClassVar[Mapping[str, str]] = {
        "BALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "MERCHANTBALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "SELLERBALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "RETURNAMOUNTEXCEED": refund_faults.MORE_THAN_LEFT,
        "REFUNDAMOUNTEXCEED": refund_faults.MORE_THAN_LEFT,
        "REFUNDTIMEEXCEED": refund_faults.TOO_LATE,
        "REFUNDDATEEXCEED": refund_faults.TOO_LATE,
        "TRADENOTEXIST": refund_faults.NO_SUCH_TRADE,
        "REFUNDTRADENOTEXIST": refund_faults.NO_SUCH_TRADE,
        "TRADEHASCLOSE": refund_faults.MORE_THAN_LEFT,
        "TRADEHASFINISHED": refund_faults.TOO_LATE,
    }
    returned_kinds = frozenset({"TRADE_CLOSED"})
    error_words: ClassVar[Mapping[str, str]] = {
        "ILLEGALSIGN": account_faults.OUR_SIGNATURE,
        "ILLEGALPARTNER": account_faults.NO_SUCH_APP,
    }
    notification_fields = CROSS_BORDER_NOTIFICATION_FIELDS
    go_live_steps = CROSS_BORDER_GO_LIVE_STEPS
    product_terms = CROSS_BORDER_PRODUCT_TERMS
    credentials: ClassVar[tuple[Credential, ...]] = (
        Credential(name="partner", label=_("Partner id (2088...)"), identifies=True),
        Credential(
            name="alipay_public_key", label=_("Alipay's public key"), multiline=True, read=load_public_key
        ),
        Credential(
            name="private_key",
            label=_("Merchant's private key"),
            secret=True,
            multiline=True,
            read=load_private_key,
        ),
    )

    @classmethod
    def route(cls, channel: Channel) -> tuple[str, ...]:
        """One page for phones and one for computers. Where no menu leads to a browser the link is copied."""
        if channel.place is Place.DESKTOP:
            return ("forex_web", OWN_QR)
        if channel.place is Place.APP_ON_COMPUTER:
            return (OWN_QR,)
        if channel.place is Place.PHONE:
            return ("forex_wap", OWN_QR)
        if channel.place is Place.IN_APP and channel.app in cls.apps:
            return ("forex_wap", COPY_LINK)
        if channel.place is Place.MINI_PROGRAM or (channel.app and channel.app.way_out is WayOut.COPY):
            return (COPY_LINK,)
        return (WRONG_APP,)

    @classmethod
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """Each field, then whose public key it is."""
        wrong = super().check_credentials(config, secrets)
        if (
            not wrong
            and load_public_key(config["alipay_public_key"])
            == load_private_key(secrets["private_key"]).public_key()
        ):
            wrong["alipay_public_key"] = str(_("This is the merchant's own public key, not Alipay's."))
        return wrong
