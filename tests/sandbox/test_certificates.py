"""Certificates of the sandbox, and the numbers that the platforms read from them."""

from cryptography import x509

from scanforpay_django.sandbox.certificates import alipay_sn, hex_serial, make_certificate, validity
from tests.platform import key
from tests.sandbox.families import alipay_certificate_number, certificate_serial


def test_a_certificate_has_the_numbers_that_both_platforms_compute():
    pem = make_certificate("merchant", key("merchant").public_key(), "root", key("wechat"))
    assert hex_serial(pem) == certificate_serial(pem)
    assert len(alipay_sn(pem)) == 32
    assert alipay_sn(pem) == alipay_certificate_number(pem)
    first, last = validity(pem)
    assert first < last


def test_only_a_root_is_a_certificate_authority():
    for subject, is_root in (("root", True), ("merchant", False)):
        pem = make_certificate(subject, key("wechat").public_key(), "root", key("wechat"))
        read = x509.load_pem_x509_certificate(pem.encode())
        assert read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is is_root
