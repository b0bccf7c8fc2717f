"""The samples of a notify page get thirty of thirty."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanforpay_django.operations.grading import grade as grading
from scanforpay_django.operations.grading.grade import Grader
from scanforpay_django.operations.grading.subject import find_material
from tests.merchant import PARTNER_NO, SIGN_KEY, Merchant
from tests.transport.zoo import closed_port
from tests.waiting import wait_for

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "docs" / "samples"
LANGUAGES = [
    "python",
    *(pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("php", "node", "java")),
]


def command(language: str, port: int, place: Path) -> list[str]:
    """As a merchant's developer starts it."""
    if language == "python":
        shutil.copy(ROOT / "scanforpay_django" / "client.py", place)
        shutil.copy(SAMPLES / "notify.py", place)
        return [sys.executable, str(place / "notify.py")]
    if language == "java":
        sources = [str(SAMPLES / name) for name in ("ScanForPay.java", "Notify.java")]
        subprocess.run(["javac", "-d", str(place), *sources], check=True, timeout=120)
        return ["java", "-cp", str(place), "Notify"]
    served = {
        "php": ["php", "-S", f"127.0.0.1:{port}", str(SAMPLES / "notify.php")],
        "node": ["node", str(SAMPLES / "notify.mjs")],
    }
    return served[language]


@contextmanager
def shop(language: str, place: Path) -> Iterator[str]:
    """The sample's address, with the order p1."""
    orders, port = place / "orders", closed_port()
    orders.mkdir()
    (orders / "p1.json").write_text('{"amount":2100,"currency":"CNY","credited":0}')
    given = {"SCANFORPAY_KEY": SIGN_KEY, "ORDERS": str(orders), "PORT": str(port)}
    log = place / "log"
    with log.open("wb") as output:
        served = subprocess.Popen(
            command(language, port, place), env={**os.environ, **given}, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: _listens(port), 60)
        yield f"http://127.0.0.1:{port}/notify"
    finally:
        served.kill()
        served.wait()
        print(log.read_text()[-3000:])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_gets_thirty_of_thirty(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(grading, "PAUSE_SECONDS", 0.1)
    merchant.partner.notify_refunds = True
    merchant.partner.save()
    merchant.create(partnerOrderNo="p1")
    with shop(language, tmp_path) as url:
        judged = list(Grader(url=url, material=find_material(PARTNER_NO, "p1")).grade())
    assert [(one.case.name, one.did) for one in judged if not one.is_right] == []
    assert len(judged) == 30
    assert json.loads((tmp_path / "orders" / "p1.json").read_text())["credited"] == 1
