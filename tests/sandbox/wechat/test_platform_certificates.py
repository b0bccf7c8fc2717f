"""The platform certificates."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.sandbox.families import certificate_serial, verify_by_serial

pytestmark = pytest.mark.django_db


def test_the_platform_certificate_is_sealed(in_mode):
    merchant = in_mode("certificate")
    merchant.config["public_key_id"] = certificate_serial(merchant.config["platform_certificates"])
    answer = merchant.call("GET", "/v3/certificates")
    assert verify_by_serial(merchant, answer.headers, answer.content) == "certificate"
    [told] = answer.json()["data"]
    sealed = told["encrypt_certificate"]
    key = AESGCM(merchant.secrets["apiv3_key"].encode())
    opened = key.decrypt(
        sealed["nonce"].encode(),
        b64decode(sealed["ciphertext"]),
        sealed["associated_data"].encode(),
    )
    assert opened.decode() == merchant.config["platform_certificates"]
    assert certificate_serial(opened.decode()) == told["serial_no"]
    assert told["effective_time"] < told["expire_time"]


def test_a_merchant_with_a_public_key_gets_no_certificates(in_mode):
    answer = in_mode("public_key").call("GET", "/v3/certificates")
    assert (answer.status_code, answer.json()["code"]) == (500, "SYSTEM_ERROR")
