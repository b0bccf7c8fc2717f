"""An Alipay account with the keys of the tests."""

from scanforpay_django.wallets.values import Account
from tests.platform import private_pem, public_pem


def alipay_account(**config: str) -> Account:
    kept = {"app_id": "1", "seller_id": "2088", "alipay_public_key": public_pem("other"), **config}
    return Account(
        pk=1,
        wallet="Alipay",
        environment="production",
        config=tuple(sorted(kept.items())),
        secrets=(("private_key", private_pem("other")),),
        hosts=(("gateway", "https://openapi.alipay.com/gateway.do"),),
        currencies=("CNY",),
    )
