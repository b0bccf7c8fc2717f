"""RSA keys in the forms that consoles hand out, and their signatures."""

import pytest

from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign, rsa_verify
from tests.platform import key, private_pem, public_pem


def bare(pem: str) -> str:
    """The base64 alone."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def test_keys_are_read_as_pem_and_as_bare_base64() -> None:
    for text in (private_pem("merchant"), bare(private_pem("merchant")), f"\n{private_pem('merchant')} "):
        assert load_private_key(text).private_numbers() == key("merchant").private_numbers()
    for text in (public_pem("merchant"), bare(public_pem("merchant"))):
        assert load_public_key(text) == key("merchant").public_key()


@pytest.mark.parametrize(
    "text", ["", "x", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----", "茶"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        load_private_key(text)
    with pytest.raises(ValueError, match="not a"):
        load_public_key(text)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64", "é"])
def test_another_signature_does_not_verify(signature: str) -> None:
    public = key("merchant").public_key()
    assert rsa_verify(public, b"tea", rsa_sign(key("merchant"), b"tea"))
    assert not rsa_verify(public, b"coffee", rsa_sign(key("merchant"), b"tea"))
    assert not rsa_verify(public, b"tea", signature)
