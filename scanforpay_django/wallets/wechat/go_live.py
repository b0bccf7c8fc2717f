"""What is registered at WeChat Pay before an account takes real payments, and who is granted which product.

The menus are named as the consoles name them, in Chinese beside ours: developers.weixin.qq.com, "Web page
authorisation", and pay.weixin.qq.com/doc/v3/merchant, "JSAPI payment", "H5 payment" (where they stand in the menus was
read there; the consoles change more often than the documents).
"""

import re

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.go_live import Evidence, GoLiveStep, ProductTerms

# That the name's own part is what the file holds: integrators' reports, e.g. twblogs.net/a/5eb4970686ec4d6624ee5e24.
_DOMAIN_FILE = re.compile(r"MP_verify_([0-9A-Za-z]{1,64})\.txt")
_JSAPI = frozenset({"jsapi"})


def read_domain_file(name: str) -> None:
    """A credential's check. Raises ValueError."""
    if not _DOMAIN_FILE.fullmatch(name):
        raise ValueError(_("a name like MP_verify_k3Jx9.txt"))


def find_file_text(name: str) -> str:
    """What the verification file of this name holds; "" for another name."""
    found = _DOMAIN_FILE.fullmatch(name)
    return found[1] if found else ""


_SIGN_IN = GoLiveStep(
    name="sign_in_domain",
    title=_("Web-page authorisation domain (网页授权域名)"),
    where=_("WeChat Official Accounts platform → Settings → Function settings"),
    evidence=Evidence.SIGN_IN,
    value="sign_in_domain",
    products=_JSAPI,
)
_DOMAIN_FILE_STEP = GoLiveStep(
    name="domain_file",
    title=_("Verification file of the domain"),
    where=_(
        "Downloaded beside the authorisation domain; your web server gives it out at the domain's root, before this "
        "project is asked"
    ),
    evidence=Evidence.DOMAIN_FILE,
    value="verification_file",
    products=_JSAPI,
)
_DIRECTORY = GoLiveStep(
    name="payment_directory",
    title=_("JSAPI payment directory (支付授权目录)"),
    where=_("WeChat Pay merchant platform → Product centre → Development settings"),
    evidence=Evidence.PAYMENT,
    value="payment_directory",
    products=_JSAPI,
)
_PRODUCTS = GoLiveStep(
    name="products",
    title=_("The products that the account uses are granted"),
    where=_("WeChat Pay merchant platform → Product centre"),
    value="products",
)
_H5_DOMAIN = GoLiveStep(
    name="h5_domain",
    title=_("H5 domain (H5支付域名)"),
    where=_(
        "WeChat Pay merchant platform → Product centre → H5 payment; WeChat Pay looks at the website first"
    ),
    evidence=Evidence.PAYMENT,
    value="sign_in_domain",
    products=frozenset({"h5"}),
)
_RECEIPT = GoLiveStep(
    name="receipt_link",
    title=_("Merchant receipt of the Gold Plan (点金计划)"),
    where=_(
        "WeChat Pay service provider's platform → Gold Plan: without it no customer comes back to this site"
    ),
    value="receipt_link",
)
WECHAT_GO_LIVE_STEPS = (_PRODUCTS, _SIGN_IN, _DOMAIN_FILE_STEP, _DIRECTORY, _H5_DOMAIN, _RECEIPT)
GLOBAL_GO_LIVE_STEPS = (_PRODUCTS, _SIGN_IN, _DOMAIN_FILE_STEP, _DIRECTORY, _H5_DOMAIN)

# Updated there on 2025-07-17.
_WHO_MAY = "https://pay.weixin.qq.com/doc/v3/merchant/4015616699"
_EVERYBODY = _(
    "Enterprises, individual businesses (个体工商户), micro merchants, public institutions, government bodies and "
    "social organisations."
)
WECHAT_PRODUCT_TERMS = {
    "jsapi": ProductTerms(
        text=_(
            "Enterprises, individual businesses (个体工商户), public institutions, government bodies and social "
            "organisations, with a verified service account. Micro merchants through a service provider."
        ),
        source=_WHO_MAY,
    ),
    "h5": ProductTerms(
        text=_(
            "Enterprises, public institutions, government bodies and social organisations. Not individual businesses "
            "(个体工商户), not micro merchants: their customers scan a code or open WeChat."
        ),
        source=_WHO_MAY,
    ),
    "native": ProductTerms(text=_EVERYBODY, source=_WHO_MAY),
    "codepay": ProductTerms(text=_EVERYBODY, source=_WHO_MAY),
}
_BY_INSTITUTION = ProductTerms(
    text=_(
        "Merchants outside the mainland, as WeChat Pay or the acquiring institution has agreed with them."
    ),
    source="https://pay.weixin.qq.com/wiki/doc/api_external/en/open/chapter3_3_1.shtml",
    is_official=False,
)
GLOBAL_PRODUCT_TERMS = dict.fromkeys(("jsapi", "h5", "native"), _BY_INSTITUTION)
