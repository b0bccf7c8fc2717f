"""The numbers of certificates as Alipay computes them."""

import pytest

from scanforpay_django.sandbox.certificates import alipay_sn, make_certificate
from scanforpay_django.wallets.alipay.certificates import certificate_sn, root_sn
from tests.platform import key


def certificate(subject: str = "merchant") -> str:
    return make_certificate(subject, key("merchant").public_key(), "root", key("alipay"))


def test_a_number_is_made_of_issuer_and_serial() -> None:
    one, two = certificate(), certificate()
    assert certificate_sn(one) == alipay_sn(one) != certificate_sn(two)
    assert root_sn(f"{one}\n{two}") == f"{certificate_sn(one)}_{certificate_sn(two)}"


@pytest.mark.parametrize("text", ["", "tea", "茶"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        certificate_sn(text)
