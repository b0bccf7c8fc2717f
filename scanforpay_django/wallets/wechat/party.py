"""Who collects at WeChat Pay: a direct merchant, or a service provider for one of its merchants."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from scanforpay_django.exceptions import PlatformSignatureInvalid
from scanforpay_django.wallets.values import Account


class Party:
    """The same calls in both modes. ``sub_mchid`` in the configuration makes the account a provider's."""

    def __init__(self, account: Account) -> None:
        self.mchid = account.value("mchid")
        self.appid = account.value("appid")
        self.sub_mchid = account.value("sub_mchid")
        self.sub_appid = account.value("sub_appid")
        # Whose service account signs customers in: only its owner's openid and bridge fit together.
        self.signs_in_sub = bool(self.sub_mchid and self.sub_appid and account.value("openid_of") == "sub")

    @property
    def is_partner(self) -> bool:
        """Whether a service provider collects."""
        return bool(self.sub_mchid)

    @property
    def sign_in_appid(self) -> str:
        """The service account that customers sign in with and that calls the bridge."""
        return self.sub_appid if self.signs_in_sub else self.appid

    def order_fields(self) -> dict[str, str]:
        """The fields that name the merchant in an order."""
        if not self.is_partner:
            return {"appid": self.appid, "mchid": self.mchid}
        fields = {"sp_appid": self.appid, **self.merchant_fields()}
        return {**fields, "sub_appid": self.sub_appid} if self.sub_appid else fields

    def merchant_fields(self) -> dict[str, str]:
        """Whose order it is, as query and close want it."""
        if not self.is_partner:
            return {"mchid": self.mchid}
        return {"sp_mchid": self.mchid, "sub_mchid": self.sub_mchid}

    def sub_fields(self) -> dict[str, str]:
        """What refunds and bills add for a provider's merchant."""
        return {"sub_mchid": self.sub_mchid} if self.is_partner else {}

    def query(self) -> str:
        """merchant_fields() as a query string."""
        return urlencode(self.merchant_fields())

    def payer_fields(self, openid: str) -> dict[str, str]:
        """The fields that name the payer in an order."""
        if not self.is_partner:
            return {"openid": openid}
        return {"sub_openid" if self.signs_in_sub else "sp_openid": openid}

    def check(self, found: Mapping[str, Any], *, with_appid: bool = True) -> None:
        """Raises PlatformSignatureInvalid for a message of another account."""
        wanted = self.order_fields() if with_appid else self.merchant_fields()
        # A merchant's own service account comes back only where it was named.
        wanted.pop("sub_appid", None)
        if any(found.get(name) != value for name, value in wanted.items()):
            raise PlatformSignatureInvalid("the message is for another account")
