"""An order for WeChat Pay, and merchants of every key mode."""

import pytest

from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from tests.sandbox.families import Direct


@pytest.fixture
def body(wechat):
    return wechat.order_body(wechat.openid())


@pytest.fixture
def in_mode(client):
    return lambda key_mode: Direct(client, issue_wechat_credentials(key_mode))
