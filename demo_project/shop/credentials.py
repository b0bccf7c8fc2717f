"""What a merchant knows: its numbers, its sign key, where the API is."""

from django.conf import settings

from scanforpay_django.client import Client

PARTNER_NO = "10001"
STORE_NO = "100010000000002"
SIGN_KEY = "demo-sign-key-10001"


def client() -> Client:
    """The merchant's side of the API."""
    return Client(f"{settings.SCANFORPAY_BASE_URL}/api/", PARTNER_NO, SIGN_KEY)


def address(path: str) -> str:
    """An address of this shop; in the demo it lives on the same server as the API."""
    return settings.SCANFORPAY_BASE_URL.rstrip("/") + path
