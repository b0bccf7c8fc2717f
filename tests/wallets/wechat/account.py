"""A WeChat Pay account with the keys of the tests."""

from scanforpay_django.wallets.values import Account
from tests.platform import APIV3_KEY, WECHAT_CONFIG, private_pem, public_pem


def wechat_account(**config: str) -> Account:
    """A direct merchant's account; ``config`` adds to it."""
    kept = {**WECHAT_CONFIG, "public_key": public_pem("wechat"), **config}
    return Account(
        pk=0,
        wallet="Wechat",
        environment="production",
        config=tuple(sorted(kept.items())),
        secrets=(
            ("apiv3_key", APIV3_KEY),
            ("app_secret", "secret-1"),
            ("private_key", private_pem("merchant")),
            ("sub_app_secret", "secret-2"),
        ),
        hosts=(
            ("api", "https://api.mch.weixin.qq.com"),
            ("authorize", "https://open.weixin.qq.com/connect/oauth2/authorize"),
            ("token", "https://api.weixin.qq.com/sns/oauth2/access_token"),
        ),
        currencies=("CNY",),
    )
