"""The OpenAPI document describes every call, with examples that work."""

from typing import Any

import pytest
from django.test import Client

from scanforpay_django.models import CounterCode
from scanforpay_django.urls import calls
from tests.merchant import Merchant


def document() -> dict[str, Any]:
    """As it is served."""
    found: dict[str, Any] = Client().get("/api/schema/").json()
    return found


def test_every_call_is_described() -> None:
    described = document()["paths"]
    assert sorted(described) == sorted(f"/{one.pattern}" for one in calls)
    for path in described.values():
        assert path["post"]["summary"]
        assert path["post"]["responses"]["200"]["content"]["application/json"]["examples"]


@pytest.mark.django_db
def test_the_examples_are_calls_that_read(merchant: Merchant) -> None:
    CounterCode.objects.create(store=merchant.store, number="till-1")
    for path, call in document()["paths"].items():
        content = call["post"]["requestBody"]["content"]["application/json"]
        body = content["examples"]["call"]["value"]["request"]["body"]
        told = merchant.call(f"/api{path}", body)
        assert told["code"] not in (4, 5, 6, 7, 8, 9), (path, told)
