"""What is registered at Alipay before an account takes real payments, and who is granted which product.

The menus: opendocs.alipay.com, "Mobile website payment" and "Face-to-face payment", preparations.
"""

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.go_live import Evidence, GoLiveStep, ProductTerms

ALIPAY_GO_LIVE_STEPS = (
    GoLiveStep(
        name="application",
        title=_("The application is approved and online"),
        where=_("Alipay open platform → Console → the application"),
    ),
    GoLiveStep(
        name="products",
        title=_("The products that the account uses are granted"),
        where=_("Alipay open platform → the application → Product binding, and signed by the merchant"),
        value="products",
    ),
    GoLiveStep(
        name="sign_in_domain",
        title=_("Authorisation callback address (授权回调地址)"),
        where=_("Alipay open platform → the application → Development settings: an address on this host"),
        evidence=Evidence.SIGN_IN,
        value="sign_in_domain",
        products=frozenset({"trade_create"}),
    ),
)
# Both as integrators quote the platform's pages of 2023; the pages themselves want a browser.
_FACE_TO_FACE = ProductTerms(
    text=_(
        "Face-to-face payment: enterprises and individual businesses (个体工商户) with a business licence in the same "
        "name and pictures of the shop. Without a licence there is a daily limit."
    ),
    source="https://opendocs.alipay.com/open/194/105072",
    is_official=False,
)
ALIPAY_PRODUCT_TERMS = {
    "trade_create": _FACE_TO_FACE,
    "precreate": _FACE_TO_FACE,
    "barcode": _FACE_TO_FACE,
    "wap": ProductTerms(
        text=_(
            "Mobile website payment: enterprises, and individual businesses (个体工商户) with a business licence in "
            "the same name, whose website has an ICP registration (ICP备案) and shows what it sells."
        ),
        source="https://opendocs.alipay.com/open/203/105288",
        is_official=False,
    ),
}
