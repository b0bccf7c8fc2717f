"""The sandbox's middleware before pages of the tests' own."""

import pytest

from tests.sandbox import pay_pages

DESKTOP = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture(autouse=True)
def scene(settings, monkeypatch):
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    return pay_pages.scene


@pytest.fixture
def get(client):
    return lambda path, ua=DESKTOP, **more: client.get(path, headers={"User-Agent": ua, **more})
