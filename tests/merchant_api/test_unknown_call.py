"""Addresses that are no call answer in the API's words, and the project's own beside them are left alone."""

import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

pytestmark = pytest.mark.django_db


def own_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("the project's own")


urlpatterns = [
    path("api/", include("scanforpay_django.urls")),
    path("api/common/banner", own_view),
    path("api/jspay/mine/", own_view),
    path("common/thing", own_view),
]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize(
    "call",
    ["jspay/cancel", "online/", "offline/qrcodes", "common/payquery", "common/payQuery/", "jspay/pay/a/b"],
)
def test_an_unknown_call_is_told_in_the_envelope(call: str, method: str) -> None:
    answer = getattr(Client(), method)(f"/api/{call}")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/json")
    told = json.loads(answer.content)
    assert told["signature"] == ""
    assert told["response"]["body"]["code"] == 3
    assert told["response"]["body"]["msg"]


@pytest.mark.parametrize("own", ["/api/common/banner", "/api/jspay/mine/", "/common/thing"])
def test_the_projects_own_paths_are_left_alone(settings: Any, own: str) -> None:
    settings.ROOT_URLCONF = __name__
    assert Client().get(own).content == b"the project's own"
    assert Client().get("/api/common/other").status_code == 404


def test_what_is_beside_the_calls_directories_stays_the_projects() -> None:
    answer = Client().get("/api/elsewhere/thing")
    assert answer.status_code == 404
    assert not answer["Content-Type"].startswith("application/json")
