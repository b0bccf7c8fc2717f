"""Redis, mail and the storage of bills; tests/operations/examination/test_doctor.py has those that refuse."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage

from scanforpay_django.models import Partner
from scanforpay_django.operations.examination import services
from scanforpay_django.operations.examination.services import examine_services
from scanforpay_django.operations.examination.time_limit import Asking
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db
ENDED = threading.Event()


class HangingStorage(InMemoryStorage):
    """A bucket that takes what it is sent and does not answer."""

    def save(self, *_args: Any, **_kwargs: Any) -> str:
        ENDED.wait(30)
        return "late"

    def delete(self, name: str) -> None:
        return


@pytest.fixture
def silent_port() -> Iterator[int]:
    """It takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_what_hangs_is_left_after_the_time_limit(
    merchant: Merchant, settings: Any, monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setattr(services, "MAX_SECONDS", 0.2)
    # What hangs here is not waited for by the next test.
    monkeypatch.setattr(services, "asking", Asking())
    Partner.objects.update(contact_email="shop@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent_port
    settings.SCANFORPAY_LIMITS_REDIS_URL = f"redis://:hidden@127.0.0.1:{silent_port}/0"
    settings.STORAGES = {**settings.STORAGES, "hangs": {"BACKEND": f"{__name__}.HangingStorage"}}
    settings.SCANFORPAY_BILL_STORAGE = "hangs"
    found = list(examine_services())
    ENDED.set()
    assert [(one.name, one.is_right) for one in found] == [
        ("redis", False),
        ("mail", False),
        ("bills", False),
    ]
    assert all("TimeoutError" in one.text for one in found)
    assert "hidden" not in str(found)


def test_the_examined_storage_is_left_as_it_was(merchant: Merchant, settings: Any, tmp_path: Any) -> None:
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path)},
    }
    settings.STORAGES = {**settings.STORAGES, "bills": storage}
    settings.SCANFORPAY_BILL_STORAGE = "bills"
    assert [one.is_right for one in examine_services() if one.name == "bills"] == [True]
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_used_is_not_spoken_of(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_LIMITS_REDIS_URL = ""
    assert {one.name for one in examine_services()} == {"bills"}
