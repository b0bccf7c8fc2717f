"""What Alipay is: its hosts, app, products, limits and words."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django.conf import LOCAL_SANDBOX, PLATFORM_SANDBOX, PRODUCTION
from scanforpay_django.wallets import account_faults, refund_faults
from scanforpay_django.wallets.alipay.apps import ALIPAY
from scanforpay_django.wallets.alipay.bill import ALIPAY_BILL_TYPES
from scanforpay_django.wallets.alipay.credentials import (
    ALIPAY_CREDENTIALS,
    ALIPAY_MODES,
    check_alipay_credentials,
)
from scanforpay_django.wallets.alipay.go_live import ALIPAY_GO_LIVE_STEPS, ALIPAY_PRODUCT_TERMS
from scanforpay_django.wallets.alipay.messages import (
    ALIPAY_NOTIFICATION_FIELDS,
)
from scanforpay_django.wallets.base import (
    Credential,
    Kind,
    Limits,
    Product,
    ReferenceField,
    Wallet,
    read_script,
)


class AlipayFacts(Wallet):
    """What Alipay is: its hosts, app, products, limits and words."""

    name = "Alipay"
    slug = "alipay"
    label = _("Alipay")
    app_label = label
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {
        PRODUCTION: {
            "gateway": "https://openapi.alipay.com/gateway.do",
            "authorize": "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm",
        },
        PLATFORM_SANDBOX: {
            "gateway": "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            "authorize": "https://openauth-sandbox.dl.alipaydev.com/oauth2/publicAppAuthorize.htm",
        },
        LOCAL_SANDBOX: {
            "gateway": "{sandbox}/alipay/gateway.do",
            "authorize": "{sandbox}/alipay/oauth2/publicAppAuthorize.htm",
        },
    }
    apps = (ALIPAY,)
    bridge_script = read_script(__file__, "bridge.js")
    button_color = "#1677ff"
    barcode_pattern = r"(?:2[5-9]|30)\d{14,22}"
    barcode_rule = _("16 to 24 digits that begin with 25 to 30")
    products = {
        "trade_create": Product(
            name="trade_create", kind=Kind.BRIDGE, label=_("trade.create, in Alipay"), needs_payer=True
        ),
        # The trade begins when the customer gets there: until then there is nothing to ask about or to close.
        "wap": Product(
            name="wap", kind=Kind.REDIRECT, label=_("wap.pay, in mobile browsers"), opens_on_tap=True
        ),
        "precreate": Product(name="precreate", kind=Kind.CODE, label=_("precreate, QR code")),
        "barcode": Product(name="barcode", kind=Kind.BARCODE, label=_("Merchant scans")),
    }
    default_grants = ("trade_create",)
    can_refund = True
    lists_payments = True
    bill_types = ALIPAY_BILL_TYPES
    modes: ClassVar[tuple[str, ...]] = ALIPAY_MODES
    # Source: opendocs.alipay.com, alipay.trade.refund: within the contract's term, by default twelve months.
    limits = Limits(refund_days=365, refund_seconds=3 * 86400)
    # Source: opendocs.alipay.com, alipay.trade.refund, its table of errors.
    refund_words: ClassVar[Mapping[str, str]] = {
        "ACQ.SELLERBALANCENOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "ACQ.REASONTRADEREFUNDFEEERR": refund_faults.MORE_THAN_LEFT,
        "ACQ.REFUNDAMTNOTEQUALTOTAL": refund_faults.MORE_THAN_LEFT,
        "ACQ.TRADEHASFINISHED": refund_faults.TOO_LATE,
        "ACQ.TRADEHASCLOSE": refund_faults.MORE_THAN_LEFT,
        "ACQ.TRADENOTEXIST": refund_faults.NO_SUCH_TRADE,
        "ACQ.TRADESTATUSERROR": refund_faults.MORE_THAN_LEFT,
        "ACQ.REASONTRADEBEENFREEZEN": refund_faults.FROZEN,
        "ACQ.BUYERERROR": refund_faults.PAYER_CLOSED,
        "ACQ.BUYERNOTEXIST": refund_faults.PAYER_CLOSED,
        "ACQ.USERNOTMATCHERR": refund_faults.PAYER_CLOSED,
        "ACQ.ENTERPRISEPAYBIZERROR": refund_faults.PAYER_CLOSED,
        "ACQ.NOTALLOWPARTIALREFUND": refund_faults.NOT_ALLOWED,
        "ACQ.ONLINETRADEVOUCHERNOTALLOWREFUND": refund_faults.NOT_ALLOWED,
    }
    returned_kinds = frozenset({"TRADE_CLOSED"})
    error_words: ClassVar[Mapping[str, str]] = {
        "ISV.INVALID-SIGNATURE": account_faults.OUR_SIGNATURE,
        "ISV.MISSING-SIGNATURE": account_faults.OUR_SIGNATURE,
        "ISV.INVALID-APP-ID": account_faults.NO_SUCH_APP,
        "ISV.MISSING-APP-ID": account_faults.NO_SUCH_APP,
        "ISV.INSUFFICIENT-ISV-PERMISSIONS": account_faults.NO_PERMISSION,
        "ACQ.ACCESSFORBIDDEN": account_faults.NO_PERMISSION,
    }
    notification_fields = ALIPAY_NOTIFICATION_FIELDS
    # Documented for the notification only, URL-encoded; no query and no bill may be relied on to return it.
    reference_fields: ClassVar[Mapping[str, ReferenceField]] = {
        name: ReferenceField(name="passback_params", max_bytes=512, returned_by=frozenset({"notification"}))
        for name in ("trade_create", "wap", "precreate")
    }
    go_live_steps = ALIPAY_GO_LIVE_STEPS
    product_terms = ALIPAY_PRODUCT_TERMS
    credentials: ClassVar[tuple[Credential, ...]] = ALIPAY_CREDENTIALS

    @classmethod
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """Each field, then what does not fit together."""
        return super().check_credentials(config, secrets) or check_alipay_credentials(config, secrets)
