"""A project with django-payments has other settings: with TEST_DJANGO_PAYMENTS=1, as tox runs it."""

import os
from typing import Any

import pytest

if not os.environ.get("TEST_DJANGO_PAYMENTS"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.django_payments.urls"
