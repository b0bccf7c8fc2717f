"""WeChat Pay global (Hong Kong): its own family of paths and fields on the same signatures and seals.

Source: pay.weixin.qq.com/doc/global/v3. Calling the mainland paths there is refused, so this is a backend of its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import IO, Any, ClassVar
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy as _

from scanforpay_django.conf import LOCAL_SANDBOX, PRODUCTION
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.base import BillParties, Credential, FetchedBill, PaymentRequest, PaymentResult
from scanforpay_django.wallets.platform_text import fit
from scanforpay_django.wallets.wechat.bill import WECHAT_GLOBAL_BILL_TYPES
from scanforpay_django.wallets.wechat.bill_download import fetch_statement
from scanforpay_django.wallets.wechat.credentials import WECHAT_CREDENTIALS
from scanforpay_django.wallets.wechat.go_live import GLOBAL_GO_LIVE_STEPS, GLOBAL_PRODUCT_TERMS
from scanforpay_django.wallets.wechat.hosts import SIGN_IN_HOSTS, sandbox_hosts
from scanforpay_django.wallets.wechat.wallet import PREPAY_NAMES, WeChatWallet

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
    go_live_steps = GLOBAL_GO_LIVE_STEPS
    product_terms = GLOBAL_PRODUCT_TERMS
    currencies = frozenset({"HKD", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "NZD", "SGD", "CNY"})
    can_redirect_refunds = False
    bill_types = WECHAT_GLOBAL_BILL_TYPES
    modes: ClassVar[tuple[str, ...]] = (
        "direct merchant",
        "institution",
        "public key",
        "platform certificates",
    )
    credentials: ClassVar[tuple[Credential, ...]] = (
        *WECHAT_CREDENTIALS,
        Credential(name="merchant_category_code", label=_("Merchant category code (MCC)")),
        Credential(
            name="store_name",
            label=_("Store's name, for H5"),
            required=False,
            help=_("Empty: the order's title"),
        ),
        Credential(
            name="store_address",
            label=_("Store's address, for H5"),
            required=False,
            help=_("Empty: this site's address"),
        ),
    )

    _transactions = "/v3/global/transactions"
    _refunds = "/v3/global/refunds"
    _number_name = "id"
    # Source: pay.weixin.qq.com/wiki/doc/api_external, chapter 3.4.1 "H5 order": mweb_url where the mainland has h5_url.
    _prepay_names: ClassVar[Mapping[str, str]] = {**PREPAY_NAMES, "h5": "mweb_url"}

    def pay_by_barcode(self, request: PaymentRequest) -> PaymentResult:
        """Not offered by this backend."""
        raise PlatformError("WeChat Pay global takes no barcodes here")

    def fetch_bill(self, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
        """The statement, its one kind of bill."""
        return fetch_statement(self._client, self._party, day, into)

    def bill_parties(self) -> BillParties:
        """The statement is asked for with the provider's merchant, so it is of that one alone."""
        parties = super().bill_parties()
        return replace(parties, sub_merchants=frozenset({parties.own_party} - {""}))

    def _order_path(self, request: PaymentRequest) -> str:
        return f"{self._transactions}/{GLOBAL_TRADE_TYPES[request.product].lower()}"

    def _refund_path(self, out_refund_no: str) -> str:
        path = f"{self._refunds}/out-refund-no/{quote(out_refund_no, safe='')}"
        return f"{path}?{self._party.query()}"

    def _refund_fields(self) -> dict[str, str]:
        # appid and mchid, or sp_appid, sp_mchid and sub_mchid: all required. Source: api_external, "Submit refund".
        return self._party.order_fields()

    def _scene(self, request: PaymentRequest) -> dict[str, Any]:
        # Required, name and address too, and there is no h5_info here. Source: api_external, chapter 3.4.1.
        name = self.account.value("store_name") or request.title
        address = self.account.value("store_address") or urlsplit(request.notify_url).netloc
        fallback = request.out_trade_no
        return {
            "store_info": {
                "name": fit(name, max_bytes=256, fallback=fallback),
                "address": fit(address, max_bytes=512, fallback=fallback),
            }
        }

    def _order_body(self, request: PaymentRequest) -> dict[str, Any]:
        return {
            **super()._order_body(request),
            "trade_type": GLOBAL_TRADE_TYPES[request.product],
            "merchant_category_code": self.account.value("merchant_category_code"),
        }
