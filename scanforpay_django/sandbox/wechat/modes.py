"""API v3 in its families: direct merchant, service provider, and WeChat Pay HK's merchants and institutions."""

from dataclasses import dataclass

from scanforpay_django.sandbox.models import Merchant, Platform, Trade

from .errors import ApiError


@dataclass(frozen=True, kw_only=True)
class Mode:
    """What the families do differently."""

    app: str
    # whether a provider calls for a sub-merchant: sp_ and sub_ fields
    partner: bool = False
    # what the platform's own number of a trade is called
    number_field: str = "transaction_id"

    @property
    def is_global(self) -> bool:
        """Whether this is /v3/global/."""
        return self.app == Platform.WECHAT_GLOBAL


DIRECT = Mode(app=Platform.WECHAT)
PARTNER = Mode(app=Platform.WECHAT, partner=True)
GLOBAL = Mode(app=Platform.WECHAT_GLOBAL, number_field="id")
# The same paths, with the provider's fields. Source: api_external, "Institutional mode" of each page.
INSTITUTION = Mode(app=Platform.WECHAT_GLOBAL, partner=True, number_field="id")


def get_mode(trade: Trade) -> Mode:
    """The family in which ``trade`` was made."""
    if trade.merchant.app == Platform.WECHAT_GLOBAL:
        return GLOBAL if trade.sub_merchant is None else INSTITUTION
    return DIRECT if trade.sub_merchant is None else PARTNER


def narrow(mode: Mode, merchant: Merchant) -> Mode:
    """At WeChat Pay HK it depends on who calls, not on the path."""
    return INSTITUTION if mode.is_global and merchant.sub_merchants.exists() else mode


def check_mode(merchant: Merchant, mode: Mode) -> None:
    """A provider collects for sub-merchants only, a direct merchant for itself. Raises ApiError."""
    if merchant.sub_merchants.exists() != mode.partner:
        raise ApiError("NO_AUTH", "This merchant may not use this API: direct and partner paths differ.")


def find_sub_merchant(provider: Merchant, number: object) -> Merchant:
    """The provider's sub-merchant of this number. Raises ApiError."""
    found = provider.sub_merchants.filter(number=str(number)).first()
    if found is None:
        raise ApiError("NO_AUTH", "sub_mchid is no sub-merchant of sp_mchid.")
    return found
