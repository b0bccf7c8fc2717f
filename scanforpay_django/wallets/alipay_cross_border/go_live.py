"""What is agreed with Alipay before an account of its cross-border gateway takes real payments."""

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.go_live import GoLiveStep, ProductTerms

CROSS_BORDER_GO_LIVE_STEPS = (
    GoLiveStep(
        name="contract",
        title=_("The contract with Alipay covers website payment and the account's currencies"),
        where=_("Alipay's (Antom's) merchant portal, or your contact there"),
        value="products",
    ),
    GoLiveStep(
        name="key",
        title=_("The merchant's public key is uploaded"),
        where=_("Alipay's (Antom's) merchant portal → Settings → Keys"),
    ),
)
# Source: docs.antom.com/ac/hkapi, "Introduction": merchants outside mainland China. Which of them, its contract says.
_BY_CONTRACT = ProductTerms(
    text=_("Merchants outside mainland China, as their contract with Alipay says."),
    source="https://docs.antom.com/ac/hkapi",
    is_official=False,
)
CROSS_BORDER_PRODUCT_TERMS = dict.fromkeys(("forex_wap", "forex_web"), _BY_CONTRACT)
