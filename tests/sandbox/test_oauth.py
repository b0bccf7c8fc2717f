"""Authorisation codes."""

from datetime import timedelta

from django.db.models import F

from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import OAuthCode


def test_a_code_works_once(wechat):
    code = wechat.code()
    assert "openid" in wechat.token(code)
    assert wechat.token(code)["errcode"] == 40163


def test_a_code_is_for_its_own_app(wechat):
    other = type(wechat)(wechat.client, issue_wechat_credentials())
    code = wechat.code()
    assert other.token(code)["errcode"] == 40029


def test_a_code_lives_five_minutes(wechat):
    code = wechat.code()
    OAuthCode.objects.update(expires_at=F("expires_at") - timedelta(seconds=301))
    assert wechat.token(code)["errcode"] == 40029
