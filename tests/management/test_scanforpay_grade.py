"""The command scanforpay_grade."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import Notification, NotificationAttempt, Order
from scanforpay_django.operations.grading import grade as grading
from tests.merchant import PARTNER_NO, SIGN_KEY, Merchant
from tests.operations.grading.shops import Shop, Trusting, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "PAUSE_SECONDS", 0.1)


def grade(url: str, *arguments: str, order: str = "p1") -> tuple[str, int]:
    """What was printed, and the exit status."""
    out = StringIO()
    try:
        call_command(
            "scanforpay_grade", url, "--partner", PARTNER_NO, "--order", order, *arguments, stdout=out
        )
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    return out.getvalue(), 0


def test_a_careful_shop_gets_thirty(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1", notifyUrl="http://127.0.0.1:1/n")
    with serving(Shop("p1")) as url:
        printed, status = grade(f"{url}/notify", "--credits-url", f"{url}/count")
    assert (printed.count(" right "), status) == (30, 0)
    assert printed.endswith("\n30 of 30\n")
    assert SIGN_KEY not in printed
    assert Order.objects.get().state == Order.State.PENDING, "nothing is changed here"
    assert not Notification.objects.exists()
    assert not NotificationAttempt.objects.exists()


def test_a_trusting_shop_is_given_reasons(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1")
    with serving(Trusting("p1")) as url:
        printed, status = grade(url)
    assert status == 1
    assert printed.endswith("\n7 of 30\n")
    for heading in ("The shop should:", "What it did:", "Why it matters:", "What to change:"):
        assert printed.count(heading) == 23
    assert "acknowledged it (HTTP 200), after " in printed


def test_for_programs(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1")
    with serving(Shop("p1")) as url:
        rows = [json.loads(line) for line in grade(url, "--json")[0].splitlines()]
    assert [row["number"] for row in rows] == list(range(1, 31))
    assert {row["right"] for row in rows} == {True}
    assert set(rows[0]) == {"number", "case", "right", "expected", "did", "ms"}


def test_a_paid_order_says_less(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1")
    Order.objects.update(state=Order.State.PAID)
    with serving(Shop("p1")) as url:
        assert "It is paid already" in grade(url)[0]


@pytest.mark.parametrize(("url", "order"), [("a b", "p1"), ("http://127.0.0.1:1/n", "p2")])
def test_what_cannot_be_graded_is_said(merchant: Merchant, url: str, order: str) -> None:
    merchant.create(partnerOrderNo="p1")
    with pytest.raises(CommandError, match=r"is no address|has no order p2"):
        grade(url, order=order)
