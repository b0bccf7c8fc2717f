"""Credentials of merchants at the sandbox."""

import pytest

from scanforpay_django.sandbox.merchants import issue_wechat_partner_credentials
from tests.sandbox.families import Partner


def test_credentials_have_the_accounts_names(alipay):
    assert set(alipay.config) == {"app_id", "seller_id", "alipay_public_key"}
    assert set(alipay.secrets) == {"private_key"}
    assert alipay.config["seller_id"].startswith("2088")


@pytest.fixture
def partner(client):
    return Partner(client, issue_wechat_partner_credentials())


@pytest.mark.django_db
def test_the_credentials_of_a_sub_merchant(partner):
    names = {"mchid", "appid", "sub_mchid", "sub_appid", "serial_no", "public_key_id", "public_key"}
    assert set(partner.config) == names
    assert set(partner.secrets) == {"private_key", "apiv3_key", "app_secret", "sub_app_secret"}
