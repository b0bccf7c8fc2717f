"""WeChat Pay global (Hong Kong): its own family of paths and fields on the same signatures and seals.

Source: pay.weixin.qq.com/doc/global/v3. Calling the mainland paths there is refused, so this is a backend of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from scanforpay_django.conf import LOCAL_SANDBOX, PRODUCTION
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.base import BillLine, Credential, PaymentRequest, PaymentResult
from scanforpay_django.wallets.wechat.credentials import WECHAT_CREDENTIALS
from scanforpay_django.wallets.wechat.hosts import SIGN_IN_HOSTS, sandbox_hosts
from scanforpay_django.wallets.wechat.wallet import WeChatWallet

GLOBAL_TRADE_TYPES = {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB"}


class WeChatGlobalWallet(WeChatWallet):
    """WeChat Pay in Hong Kong, orders in HKD."""

    name = "WechatGlobal"
    serves = "Wechat"
    slug = "wechat-global"
    staff_label = _("WeChat Pay (Hong Kong and global)")
    hosts: ClassVar[Mapping[str, Mapping[str, str]]] = {
        PRODUCTION: {"api": "https://apihk.mch.weixin.qq.com", **SIGN_IN_HOSTS},
        LOCAL_SANDBOX: sandbox_hosts("wechat_global"),
    }
    products = {name: product for name, product in WeChatWallet.products.items() if name != "codepay"}
    barcode_pattern = ""
    receipt = None
    go_live_steps = ()
    currencies = frozenset({"HKD", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "NZD", "SGD", "CNY"})
    can_download_bills = False
    modes: ClassVar[tuple[str, ...]] = (
        "direct merchant",
        "institution",
        "public key",
        "platform certificates",
    )
    credentials: ClassVar[tuple[Credential, ...]] = (
        *WECHAT_CREDENTIALS,
        Credential(name="merchant_category_code", label=_("Merchant category code (MCC)")),
    )

    _transactions = "/v3/global/transactions"
    _refunds = "/v3/global/refunds"
    _number_name = "id"

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        """Not offered by this backend."""
        raise PlatformError("WeChat Pay global takes no barcodes here")

    def bill(self, day: date) -> Sequence[BillLine]:
        """Not offered by this backend."""
        raise PlatformError("WeChat Pay global has no bills here")

    def _order_path(self, request: PaymentRequest) -> str:
        return f"{self._transactions}/{GLOBAL_TRADE_TYPES[request.product].lower()}"

    def _refund_path(self, out_refund_no: str) -> str:
        path = f"{self._refunds}/out-refund-no/{quote(out_refund_no, safe='')}"
        return f"{path}?{self._party.query()}"

    def _refund_fields(self) -> dict[str, str]:
        return self._party.merchant_fields()

    def _order_body(self, request: PaymentRequest) -> dict[str, Any]:
        return {
            **super()._order_body(request),
            "trade_type": GLOBAL_TRADE_TYPES[request.product],
            "merchant_category_code": self.account.value("merchant_category_code"),
        }
