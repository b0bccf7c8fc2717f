"""Alipay's tokens."""

from datetime import timedelta

from django.db.models import F

from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import OAuthCode


def test_the_token_answer_carries_no_code(alipay):
    assert "code" not in alipay.token(alipay.code())


def test_a_code_works_once_and_for_its_own_app(alipay):
    code = alipay.code()
    other = type(alipay)(alipay.client, issue_alipay_credentials())
    assert other.token(code)["sub_code"] == "isv.code-invalid"
    assert "user_id" in alipay.token(code)
    assert alipay.token(code)["sub_code"] == "isv.code-invalid"


def test_a_code_lives_five_minutes(alipay):
    code = alipay.code()
    OAuthCode.objects.update(expires_at=F("expires_at") - timedelta(seconds=301))
    assert alipay.token(code)["sub_code"] == "isv.code-invalid"


def test_grant_type_and_code_are_not_read_from_biz_content(alipay):
    inside = {"grant_type": "authorization_code", "code": alipay.code()}
    told = alipay.call("alipay.system.oauth.token", inside)
    assert told["sub_code"] == "isv.grant-type-invalid"
