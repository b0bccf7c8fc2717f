"""The samples for merchants in PHP, Node and Java, and the client in Python, against the vectors that they share."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scanforpay_django.client import Client, SignatureInvalid
from scanforpay_django.models import Order
from tests.merchant import PARTNER_NO, SIGN_KEY, STORE_NO, Merchant

pytestmark = pytest.mark.sqlite
SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
VECTORS: dict[str, Any] = json.loads((SAMPLES / "vectors.json").read_text())
COMMANDS = {
    "php": ["php", str(SAMPLES / "scanforpay.php")],
    "node": ["node", str(SAMPLES / "scanforpay.mjs")],
    "java": ["java", str(SAMPLES / "ScanForPay.java")],
}
LANGUAGES = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in COMMANDS]


def run(language: str, key: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """The sample as a merchant's developer runs it."""
    environment = {**os.environ, "SCANFORPAY_KEY": key}
    command = [*COMMANDS[language], *arguments]
    return subprocess.run(command, input=given, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_signs_as_the_vectors_say(language: str) -> None:
    for vector in VECTORS["requests"]:
        assert run(language, "123456", "sign", given=vector["value"]).stdout.strip() == vector["signature"]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("vector", VECTORS["notifications"], ids=lambda vector: vector["what"])
def test_a_sample_believes_what_is_proven(language: str, vector: dict[str, Any]) -> None:
    told = run(language, "123456", "verify", given=vector["body"])
    assert told.stdout.strip() == (vector["told"] or ""), told.stderr
    assert told.returncode == (1 if vector["told"] is None else 0)


@pytest.mark.parametrize("vector", VECTORS["notifications"], ids=lambda vector: vector["what"])
def test_the_client_believes_what_is_proven(vector: dict[str, Any]) -> None:
    client = Client("http://localhost/api/", "10001", "123456")
    if vector["told"] is None:
        with pytest.raises(SignatureInvalid):
            client.read_notification(vector["body"].encode())
    else:
        found = client.read_notification(vector["body"].encode())
        shown = f"{found.partner_order_no} {found.status} {found.amount} {found.currency}"
        assert shown == vector["told"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_creates_an_order(merchant: Merchant, live_server: Any, language: str) -> None:
    arguments = ("create", f"{live_server.url}/api/", PARTNER_NO, STORE_NO, f"s-{language}", "Wechat", "2100",
                 "https://shop.example/n", "https://shop.example/done")  # fmt: skip
    made = run(language, SIGN_KEY, *arguments)
    order = Order.objects.get()
    assert made.stdout.strip().endswith(f"/api/jspay/pay/{order.token}"), made.stderr
    assert (order.title, order.amount, order.return_url) == ("一杯乌龙茶", 2100, "https://shop.example/done")
    refused = run(language, "another key", *arguments)
    assert refused.returncode == 1
    assert "refused with code 8" in refused.stderr
