"""An Alipay account's credentials are checked before they are stored."""

from scanforpay_django.wallets.alipay.credentials import check_alipay_credentials
from tests.platform import private_pem, public_pem

SECRETS = {"private_key": private_pem("merchant")}


def test_alipays_key_or_all_three_certificates_are_needed() -> None:
    assert check_alipay_credentials({"alipay_public_key": public_pem("alipay")}, SECRETS) == {}
    assert set(check_alipay_credentials({}, SECRETS)) == {"alipay_public_key"}
    wrong = check_alipay_credentials({"app_certificate": public_pem("merchant")}, SECRETS)
    assert set(wrong) == {"alipay_certificate", "root_certificates"}


def test_the_applications_own_public_key_is_not_alipays() -> None:
    wrong = check_alipay_credentials({"alipay_public_key": public_pem("merchant")}, SECRETS)
    assert set(wrong) == {"alipay_public_key"}
