"""What an Alipay account's form asks for, and how it is checked before it is stored."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.alipay.certificates import certificate_sn, root_sn
from scanforpay_django.wallets.registered import SIGN_IN_DOMAIN
from scanforpay_django.wallets.rsa import load_private_key, load_public_key
from scanforpay_django.wallets.values import Credential

ALIPAY_MODES = (
    "direct merchant",
    "ISV with app_auth_token",
    "public key",
    "certificates",
    "user_id",
    "open_id",
)


def _read_certificate(text: str) -> None:
    try:
        certificate_sn(text)
    except (ValueError, IndexError):
        raise ValueError(_("not a certificate in PEM form")) from None


def _read_root(text: str) -> None:
    _read_certificate(text)
    if not root_sn(text):
        raise ValueError(_("no RSA-signed certificate is in this file"))


ALIPAY_CREDENTIALS: tuple[Credential, ...] = (
    Credential(name="app_id", label=_("App id"), identifies=True),
    Credential(name="seller_id", label=_("Seller id (2088...)"), identifies=True),
    Credential(
        name="alipay_public_key",
        label=_("Alipay's public key"),
        required=False,
        multiline=True,
        read=load_public_key,
        help=_("Alipay's key, not the application's: mixing them up is the most frequent mistake."),
    ),
    Credential(
        name="app_certificate",
        label=_("Application's certificate (appCertPublicKey)"),
        required=False,
        multiline=True,
        read=_read_certificate,
        help=_("Certificate mode requires all three certificates, and no public key."),
    ),
    Credential(
        name="alipay_certificate",
        label=_("Alipay's certificate (alipayCertPublicKey)"),
        required=False,
        multiline=True,
        read=_read_certificate,
    ),
    Credential(
        name="root_certificates",
        label=_("Alipay's root certificates (alipayRootCert)"),
        required=False,
        multiline=True,
        read=_read_root,
    ),
    Credential(name="product_code", label=_("Product code"), required=False, help="FACE_TO_FACE_PAYMENT"),
    Credential(name="op_app_id", label=_("Mini-program id for JSAPI_PAY (op_app_id)"), required=False),
    Credential(
        name="provider_id", label=_("Service provider's id (sys_service_provider_id)"), required=False
    ),
    SIGN_IN_DOMAIN,
    Credential(
        name="private_key",
        label=_("Application's private key"),
        secret=True,
        multiline=True,
        read=load_private_key,
    ),
    Credential(
        name="app_auth_token", label=_("Merchant's token (app_auth_token)"), secret=True, required=False
    ),
)


def check_alipay_credentials(config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """What does not fit together: field name -> text. The single fields are known to read."""
    wrong: dict[str, str] = {}
    certificates = ("app_certificate", "alipay_certificate", "root_certificates")
    if any(config.get(name) for name in certificates):
        for name in certificates:
            if not config.get(name):
                wrong[name] = str(_("Certificate mode requires all three certificates."))
    elif not config.get("alipay_public_key"):
        wrong["alipay_public_key"] = str(_("Give Alipay's public key, or the three certificates."))
    own = load_private_key(secrets["private_key"]).public_key()
    if config.get("alipay_public_key") and load_public_key(config["alipay_public_key"]) == own:
        wrong["alipay_public_key"] = str(_("This is the application's own public key, not Alipay's."))
    if not wrong and config.get("app_certificate") and load_public_key(config["app_certificate"]) != own:
        wrong["private_key"] = str(_("This key does not belong to the application's certificate."))
    return wrong
