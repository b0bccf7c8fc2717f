"""``/metrics``: who may read it."""

import sys

import pytest
from django.test import Client

pytestmark = [pytest.mark.urls("tests.health.urls"), pytest.mark.django_db]


def status(**headers: str) -> int:
    return Client().get("/metrics", headers=headers).status_code


def test_it_is_closed_by_default() -> None:
    assert status() == 404
    assert status(authorization="Bearer ") == 404


def test_a_token_opens_it(settings) -> None:
    settings.SCANFORPAY_METRICS_TOKEN = "long-and-secret"
    assert status(authorization="Bearer long-and-secret") == 200
    assert {status(), status(authorization="Bearer x"), status(authorization="long-and-secret")} == {404}
    assert status(authorization="Bearer lông") == 404


@pytest.mark.parametrize(("networks", "code"), [(["10.0.0.0/8"], 404), (["10.0.0.0/8", "127.0.0.0/8"], 200)])
def test_a_network_opens_it(settings, networks: list[str], code: int) -> None:
    settings.SCANFORPAY_METRICS_NETWORKS = networks
    assert status() == code


def test_a_forged_header_opens_nothing(settings) -> None:
    settings.SCANFORPAY_METRICS_NETWORKS = ["10.0.0.0/8"]
    assert status(x_forwarded_for="10.0.0.1") == 404


def test_without_the_library_it_says_how_to_get_it(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCANFORPAY_METRICS_TOKEN = "t"
    monkeypatch.setitem(sys.modules, "scanforpay_django.health.exposition", None)
    answer = Client().get("/metrics", headers={"authorization": "Bearer t"})
    assert answer.status_code == 501
    assert b"scanforpay-django[metrics]" in answer.content
