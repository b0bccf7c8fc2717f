"""What a WeChat Pay account's form asks for, and how it is checked before it is stored."""

from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.registered import PAYMENT_DIRECTORY, SIGN_IN_DOMAIN
from scanforpay_django.wallets.rsa import load_private_key, load_public_key
from scanforpay_django.wallets.values import Credential
from scanforpay_django.wallets.wechat.go_live import read_domain_file

APIV3_KEY_BYTES = 32
WECHAT_MODES = (
    "direct merchant",
    "service provider",
    "public key",
    "platform certificates",
    "both while migrating",
)


def _read_apiv3_key(text: str) -> None:
    if len(text.encode()) != APIV3_KEY_BYTES:
        raise ValueError(_("an APIv3 key has 32 bytes"))


def _read_certificates(text: str) -> None:
    try:
        for certificate in x509.load_pem_x509_certificates(text.encode("ascii", "replace")):
            certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(_("not a certificate in PEM form")) from None


def _read_openid_owner(text: str) -> None:
    if text not in ("sp", "sub"):
        raise ValueError(_("sp or sub"))


WECHAT_CREDENTIALS: tuple[Credential, ...] = (
    Credential(
        name="mchid", label=_("Merchant number (mchid; a service provider's sp_mchid)"), identifies=True
    ),
    Credential(
        name="appid", label=_("Service account (appid; a service provider's sp_appid)"), identifies=True
    ),
    Credential(name="serial_no", label=_("Serial number of the API certificate")),
    Credential(
        name="certificate",
        label=_("API certificate"),
        required=False,
        multiline=True,
        read=_read_certificates,
        help=_("apiclient_cert.pem, only to check serial number and key against it."),
    ),
    Credential(
        name="public_key_id", label=_("Id of WeChat Pay's public key (PUB_KEY_ID_...)"), required=False
    ),
    Credential(
        name="public_key",
        label=_("WeChat Pay's public key"),
        required=False,
        multiline=True,
        read=load_public_key,
    ),
    Credential(
        name="platform_certificates",
        label=_("Platform certificates"),
        required=False,
        multiline=True,
        read=_read_certificates,
        help=_("One PEM after the other. Keep them beside the public key while WeChat Pay migrates you."),
    ),
    Credential(
        name="sub_mchid",
        label=_("Merchant of a service provider (sub_mchid)"),
        required=False,
        identifies=True,
    ),
    Credential(
        name="sub_appid",
        label=_("That merchant's own service account (sub_appid)"),
        required=False,
        identifies=True,
    ),
    Credential(
        name="openid_of",
        label=_("Whose service account signs customers in"),
        required=False,
        read=_read_openid_owner,
        help=_("sp (the provider's, the default) or sub (the merchant's own)."),
    ),
    PAYMENT_DIRECTORY,
    SIGN_IN_DOMAIN,
    Credential(
        name="verification_file",
        label=_("Verification file of that domain (MP_verify_….txt)"),
        required=False,
        read=read_domain_file,
        help=_("Its name, as the service account's settings offer it for download."),
    ),
    Credential(
        name="private_key",
        label=_("Merchant's private key"),
        secret=True,
        multiline=True,
        read=load_private_key,
    ),
    Credential(name="apiv3_key", label=_("APIv3 key"), secret=True, read=_read_apiv3_key),
    Credential(name="app_secret", label=_("Service account's secret"), secret=True),
    Credential(
        name="sub_app_secret",
        label=_("Secret of the merchant's own service account (sub_appid)"),
        secret=True,
        required=False,
    ),
)


def check_wechat_credentials(config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """What does not fit together: field name -> text. The single fields are known to read."""
    wrong: dict[str, str] = {}
    if not config.get("public_key") and not config.get("platform_certificates"):
        wrong["public_key"] = str(_("Give WeChat Pay's public key, or its platform certificates."))
    if config.get("public_key") and not config.get("public_key_id"):
        wrong["public_key_id"] = str(_("Give the public key's id too."))
    if config.get("certificate"):
        certificate = x509.load_pem_x509_certificate(config["certificate"].encode("ascii", "replace"))
        if f"{certificate.serial_number:X}" != config.get("serial_no", "").upper().lstrip("0"):
            wrong["serial_no"] = str(_("This is not the certificate's serial number."))
        if certificate.public_key() != load_private_key(secrets["private_key"]).public_key():
            wrong["private_key"] = str(_("This key does not belong to the certificate."))
    return wrong
