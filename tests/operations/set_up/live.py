"""An account of the environment "production" whose platform is the sandbox, with a live server around it."""

from typing import Any

from scanforpay_django.models import WalletAccount
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from tests.merchant import Merchant

ISSUERS = {"Wechat": issue_wechat_credentials, "Alipay": issue_alipay_credentials}


def lead_to_sandbox(settings: Any, house: str) -> None:
    """The hosts of the environment "production"."""
    sandbox = f"{house}/sandbox"
    settings.SCANFORPAY_PLATFORM_HOSTS = {
        "production": {
            "Wechat": {
                "api": f"{sandbox}/wechat",
                "authorize": f"{sandbox}/wechat/connect/oauth2/authorize",
                "token": f"{sandbox}/wechat/sns/oauth2/access_token",
            },
            "Alipay": {
                "gateway": f"{sandbox}/alipay/gateway.do",
                "authorize": f"{sandbox}/alipay/oauth2/publicAppAuthorize.htm",
            },
        }
    }


def make_live(merchant: Merchant, wallet: str = "Wechat", **config: str) -> WalletAccount:
    """The merchant's account of the wallet, no longer a sandbox's."""
    account = merchant.store.wallet_accounts.select_related("store__partner").get(wallet=wallet)
    account.environment = WalletAccount.Environment.PRODUCTION
    account.config = {**account.config, **config}
    account.save()
    return account
