"""WeChat Pay's addresses."""

from scanforpay_django.wallets.wechat.hong_kong import WeChatGlobalWallet
from scanforpay_django.wallets.wechat.hosts import SIGN_IN_HOSTS, sandbox_hosts
from scanforpay_django.wallets.wechat.wallet import WeChatWallet


def test_the_sandbox_has_every_address_that_a_family_needs() -> None:
    for wallet in (WeChatWallet, WeChatGlobalWallet):
        hosts = wallet.hosts
        assert set(hosts["local_sandbox"]) == set(hosts["production"]) - {"api2"}
        assert all(url.startswith("https://") for url in hosts["production"].values())
    assert set(SIGN_IN_HOSTS) < set(sandbox_hosts("wechat"))
    assert sandbox_hosts("wechat")["api"] == "{sandbox}/wechat"
