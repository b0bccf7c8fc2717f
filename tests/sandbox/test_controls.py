"""The sandbox's page arms faults and ends refunds."""

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import SandboxFault

pytestmark = pytest.mark.django_db


def test_the_page_arms_and_clears(client, direct):
    given = {"name": "http-500", "count": "2", "merchant": direct.config["mchid"], "operation": "query"}
    assert client.post("/sandbox/faults", given | {"seconds": "", "trade": ""}).status_code == 302
    fault = SandboxFault.objects.get()
    assert (fault.name, fault.remaining, fault.operation) == ("http-500", 2, "query")
    assert "2 left" in client.get("/sandbox/").content.decode()
    assert client.post("/sandbox/faults", {"clear": "1"}).status_code == 302
    assert not SandboxFault.objects.exists()


@pytest.mark.parametrize("given", [{"name": "x"}, {}, {"count": "x"}, {"merchant": "0"}, {"trade": "0"}])
def test_the_page_refuses_in_words(client, given):
    assert client.post("/sandbox/faults", {"name": "http-500" if given else ""} | given).status_code == 400


def test_json_is_answered_in_json(client):
    answer = client.post("/sandbox/faults", {"name": "http-500"}, content_type="application/json")
    assert answer.json() == {"result": "ok"}
    assert client.post("/sandbox/faults", "[]", content_type="application/json").status_code == 400


def test_the_page_lists_every_fault(client):
    page = client.get("/sandbox/").content.decode()
    assert all(f'<option value="{name}">' in page for name in faults.FAULTS)
