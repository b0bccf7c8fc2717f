"""An order for Alipay."""

import pytest


@pytest.fixture
def body(alipay):
    return alipay.create_body(alipay.user_id())
