"""The platforms' key pairs."""

import pytest

from scanforpay_django.sandbox.keys import platform_key
from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import PlatformKey
from tests.threads import raced


@pytest.mark.django_db(transaction=True)
def test_first_users_at_once_share_one_platform_key():
    keys = raced(6, lambda: platform_key("wechat").private_key)
    assert (len(keys), len(set(keys))) == (6, 1)


def test_one_key_pair_serves_all_merchants(wechat):
    config, hidden = issue_wechat_credentials()
    assert config["public_key"] == wechat.config["public_key"]
    assert PlatformKey.objects.count() == 1
    assert config["public_key_id"].startswith("PUB_KEY_ID_")
    assert set(config) == {"mchid", "appid", "serial_no", "public_key_id", "public_key"}
    assert set(hidden) == {"private_key", "apiv3_key", "app_secret"}
    assert len(hidden["apiv3_key"].encode()) == 32
    assert hidden["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
