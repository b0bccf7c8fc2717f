"""Logos and proofs that are served beside the pay pages."""

import pytest
from django.test import Client

from scanforpay_django.models import Logo
from tests.browser.pictures import png

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_logo_is_a_picture_and_nothing_else(client: Client, db: None) -> None:
    logo = Logo.objects.keep(png(64, 64))
    answer = client.get(f"/api/jspay/logo/{logo.digest}")
    assert {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get("/api/jspay/logo/" + "0" * 32).status_code == 404


def test_platforms_find_their_proof(client: Client, settings) -> None:
    settings.SCANFORPAY_VERIFICATION_FILES = {"MP_verify_a1.txt": "a1"}
    answer = client.get("/api/jspay/MP_verify_a1.txt")
    assert (answer.content, answer["Content-Type"]) == (b"a1", "text/plain; charset=utf-8")
    assert client.get("/api/jspay/MP_verify_b2.txt").status_code == 404
