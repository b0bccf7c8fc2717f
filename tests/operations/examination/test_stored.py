"""What the rows say where all is well; tests/operations/examination/test_doctor.py has what is wrong."""

import pytest
from django.utils.translation import override

from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations.examination.stored import (
    examine_keys,
    examine_merchants,
    examine_recovery,
)
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


def test_a_merchant_that_collects_is_well(merchant: Merchant) -> None:
    found = [*examine_keys(), *examine_merchants(), *examine_recovery()]
    assert [one.is_right for one in found] == [True] * 4


def test_without_a_partner_it_says_where_to_begin() -> None:
    (found,) = examine_merchants()
    assert (found.is_right, found.text) == (False, "There is no active partner.")
    assert "scanforpay_setup" in found.fix


def test_the_texts_are_in_the_language_that_is_active(merchant: Merchant) -> None:
    SignKey.objects.update(secret_ciphertext="gAAAA-of-another-key")
    Partner.objects.update(is_active=False)
    with override("zh-hans"):
        keys, _accounts = examine_keys()
        (merchants,) = examine_merchants()
    assert keys.text == "有 1 个签名密钥无法解密，其中第一个的编号是 1。".replace(
        "1。", f"{merchant_key()}。"
    )
    assert merchants.text == "没有启用的商户。"


def merchant_key() -> int:
    return SignKey.objects.earliest("pk").pk
