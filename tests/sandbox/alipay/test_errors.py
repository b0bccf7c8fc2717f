"""Refusals of Alipay's gateway."""

from scanforpay_django.sandbox.alipay.errors import ApiError, GatewayError, business


def test_a_refusal_names_its_class_and_its_case():
    error = business("TRADE_NOT_EXIST", "no such trade")
    assert error.payload == {
        "code": "40004",
        "msg": "Business Failed",
        "sub_code": "ACQ.TRADE_NOT_EXIST",
        "sub_msg": "no such trade",
    }
    assert issubclass(GatewayError, ApiError)
