"""What WeChat Pay is: its hosts, apps, products, limits and words."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django.conf import LOCAL_SANDBOX, PRODUCTION
from scanforpay_django.wallets import account_faults, refund_faults
from scanforpay_django.wallets.base import (
    BillType,
    Channel,
    Credential,
    GoLiveStep,
    Kind,
    Limits,
    Place,
    Product,
    ProductTerms,
    Receipt,
    ReferenceField,
    Wallet,
    read_script,
)
from scanforpay_django.wallets.wechat.apps import WECHAT, WECOM
from scanforpay_django.wallets.wechat.bill import WECHAT_BILL_TYPES
from scanforpay_django.wallets.wechat.credentials import (
    WECHAT_CREDENTIALS,
    WECHAT_MODES,
    check_wechat_credentials,
)
from scanforpay_django.wallets.wechat.go_live import (
    WECHAT_GO_LIVE_STEPS,
    WECHAT_PRODUCT_TERMS,
    find_file_text,
)
from scanforpay_django.wallets.wechat.hosts import SIGN_IN_HOSTS, sandbox_hosts
from scanforpay_django.wallets.wechat.messages import (
    WECHAT_NOTIFICATION_FIELDS,
)
from scanforpay_django.wallets.wechat.receipt import GoldPlanReceipt


class WeChatFacts(Wallet):
    """What WeChat Pay is: its hosts, apps, products, limits and words."""

    name = "Wechat"
    slug = "wechat"
    label = _("WeChat Pay")
    app_label = _("WeChat")
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {
        # There is no test environment for API v3, so it has no entry for the platform's sandbox.
        PRODUCTION: {
            "api": "https://api.mch.weixin.qq.com",
            # disaster recovery, for when the main host cannot be reached at all
            "api2": "https://api2.mch.weixin.qq.com",
            **SIGN_IN_HOSTS,
        },
        LOCAL_SANDBOX: sandbox_hosts("wechat"),
    }
    apps = (WECOM, WECHAT)
    bridge_script = read_script(__file__, "bridge.js")
    button_color = "#07c160"
    button_ink = "#04240f"
    barcode_pattern = r"1[0-5]\d{16}"
    barcode_rule = _("18 digits that begin with 10 to 15")
    receipt: ClassVar[Receipt | None] = GoldPlanReceipt()
    products = {
        "jsapi": Product(name="jsapi", kind=Kind.BRIDGE, label=_("JSAPI, in WeChat"), needs_payer=True),
        "h5": Product(
            name="h5", kind=Kind.REDIRECT, label=_("H5, in mobile browsers"), needs_client_address=True
        ),
        "native": Product(name="native", kind=Kind.CODE, label=_("Native, QR code")),
        "codepay": Product(name="codepay", kind=Kind.BARCODE, label=_("Merchant scans")),
    }
    default_grants = ("jsapi",)
    can_refund = True
    can_redirect_refunds = True
    # "Only debit cards of these banks." Source: pay.weixin.qq.com/doc/v3/partner/4017150905; the codes: its page of
    # bank types.
    refund_banks: ClassVar[Mapping[str, str]] = {
        "CMB_DEBIT": "招商银行",
        "COMM_DEBIT": "交通银行",
        "ABC_DEBIT": "农业银行",
        "CCB_DEBIT": "建设银行",
        "ICBC_DEBIT": "工商银行",
        "BOC_DEBIT": "中国银行",
        "PAB_DEBIT": "平安银行",
        "SPDB_DEBIT": "浦发银行",
        "CITIC_DEBIT": "中信银行",
        "CEB_DEBIT": "光大银行",
        "CMBC_DEBIT": "民生银行",
        "CIB_DEBIT": "兴业银行",
        "GDB_DEBIT": "广发银行",
        "PSBC_DEBIT": "邮储银行",
        "NBCB_DEBIT": "宁波银行",
    }
    bill_types: ClassVar[Mapping[str, BillType]] = WECHAT_BILL_TYPES
    bill_has_reference = True
    # Source: pay.weixin.qq.com, "Apply for refund": within a year, at most 50 a payment, a minute between two; to a
    # balance at once, to cards in one to three working days.
    limits = Limits(max_refunds=50, refund_days=365, refund_interval_seconds=60, refund_seconds=3 * 86400)
    # A refund is "being accepted", or the trade has not reached the refunds' side yet.
    transient_codes = frozenset({"FREQUENCYLIMITED", "FREQUENCYLIMITEXCEED", "RESOURCENOTEXISTS"})
    error_words: ClassVar[Mapping[str, str]] = {
        "SIGNERROR": account_faults.OUR_SIGNATURE,
        "APPIDMCHIDNOTMATCH": account_faults.NO_SUCH_APP,
        "MCHNOTEXISTS": account_faults.NO_SUCH_APP,
        "NOAUTH": account_faults.NO_PERMISSION,
    }
    # Source: pay.weixin.qq.com/doc/v3/merchant/4012791862, "Apply for refund", its table of errors.
    refund_words: ClassVar[Mapping[str, str]] = {
        "NOTENOUGH": refund_faults.BALANCE_TOO_LOW,
        "USERACCOUNTABNORMAL": refund_faults.PAYER_CLOSED,
        "MCHNOTEXISTS": refund_faults.NO_SUCH_TRADE,
        "RESOURCENOTEXISTS": refund_faults.NO_SUCH_TRADE,
        "NOAUTH": refund_faults.NOT_ALLOWED,
        "CLOSED": refund_faults.CLOSED_THERE,
        "REFUNDCLOSE": refund_faults.CLOSED_THERE,
    }
    notification_fields = WECHAT_NOTIFICATION_FIELDS
    # Returned only after the payment, also by queries. Source: pay.weixin.qq.com, "JSAPI order", attach.
    reference_fields: ClassVar[Mapping[str, ReferenceField]] = {
        name: ReferenceField(
            name="attach", max_bytes=128, returned_by=frozenset({"query", "notification", "bill"})
        )
        for name in ("jsapi", "h5", "native")
    } | {"codepay": ReferenceField(name="attach", max_bytes=128, returned_by=frozenset({"query", "bill"}))}
    go_live_steps: ClassVar[tuple[GoLiveStep, ...]] = WECHAT_GO_LIVE_STEPS
    product_terms: ClassVar[Mapping[str, ProductTerms]] = WECHAT_PRODUCT_TERMS
    modes: ClassVar[tuple[str, ...]] = WECHAT_MODES
    credentials: ClassVar[tuple[Credential, ...]] = WECHAT_CREDENTIALS

    @classmethod
    def route(cls, channel: Channel) -> tuple[str, ...]:
        """H5 does not open inside WeChat; a code is paid there by a long press."""
        if channel.place is Place.IN_APP and channel.app in cls.apps and channel.app.pays:
            return (*cls.get_products(Kind.BRIDGE), *cls.get_products(Kind.CODE))
        return super().route(channel)

    @classmethod
    def addresses_to_register(cls, config: Mapping[str, str]) -> frozenset[str]:
        """A service provider's accounts have the Gold Plan's receipt too."""
        wanted = super().addresses_to_register(config)
        return wanted | {"receipt_link"} if config.get("sub_mchid") else wanted

    @classmethod
    def domain_file_text(cls, name: str) -> str:
        """The part of the name that differs."""
        return find_file_text(name)

    @classmethod
    def check_credentials(cls, config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """Each field, then what does not fit together."""
        return super().check_credentials(config, secrets) or check_wechat_credentials(config, secrets)
