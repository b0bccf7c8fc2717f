"""A WeChat Pay account's credentials are checked before they are stored."""

from scanforpay_django.sandbox.certificates import hex_serial, make_certificate
from scanforpay_django.wallets.wechat.credentials import check_wechat_credentials
from tests.platform import key, private_pem, public_pem

SECRETS = {"private_key": private_pem("merchant")}
PUBLIC = {"public_key": public_pem("wechat"), "public_key_id": "PUB_KEY_ID_1"}


def test_wechats_key_with_its_id_or_certificates_are_needed() -> None:
    assert check_wechat_credentials(PUBLIC, SECRETS) == {}
    assert check_wechat_credentials({"platform_certificates": "pem"}, SECRETS) == {}
    assert set(check_wechat_credentials({}, SECRETS)) == {"public_key"}
    assert set(check_wechat_credentials({"public_key": PUBLIC["public_key"]}, SECRETS)) == {"public_key_id"}


def test_the_certificate_is_compared_with_serial_number_and_key() -> None:
    pem = make_certificate("merchant", key("merchant").public_key(), "root", key("wechat"))
    good = {**PUBLIC, "certificate": pem, "serial_no": f"0{hex_serial(pem).lower()}"}
    assert check_wechat_credentials(good, SECRETS) == {}
    assert set(check_wechat_credentials({**good, "serial_no": "AA"}, SECRETS)) == {"serial_no"}
    assert set(check_wechat_credentials(good, {"private_key": private_pem("other")})) == {"private_key"}
