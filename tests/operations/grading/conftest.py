"""The grader does not wait long."""

import pytest

from scanforpay_django.operations.grading import grade


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grade, "PAUSE_SECONDS", 0.1)
