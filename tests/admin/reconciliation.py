"""A shop's bills of two days, with a difference of each sort, for the tests of the reconciliation page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client

from scanforpay_django.models import BillDay, Difference, Payment, Store, WalletAccount
from tests.admin.pages import url
from tests.books.platform_copy import (
    Bill,
    account_of,
    bring,
    foreign_line,
    line_of,
    payment_of,
    unpaid_of,
)

DAY, BEFORE = date(2026, 11, 27), date(2026, 11, 26)


@dataclass
class Scene:
    """What was made."""

    account: WalletAccount
    days: list[BillDay]
    # it is closed here
    late: Payment

    def difference(self, kind: str) -> Difference:
        return Difference.objects.get(kind=kind)


def make_scene(store: Store) -> Scene:
    """On the 26th all agrees; on the 27th a payment is closed here, a refund is unknown, and fees are too high."""
    account = account_of(store)
    account.fee_rate = Decimal("0.006")
    account.save()
    good = [payment_of(account, f"{BEFORE} 10:0{number}", amount=10_000) for number in range(3)]
    days = [bring(account, Bill(BEFORE).add(*map(line_of, good), foreign_line(f"{BEFORE} 12:00")))]
    late = unpaid_of(account, "closed")
    dear = [payment_of(account, f"{DAY} 10:1{number}", amount=10_000) for number in range(2)]
    bill = Bill(DAY).add(
        line_of(late, amount=4560),
        *(line_of(payment, fee=Decimal("0.63")) for payment in dear),
        line_of(
            dear[0], amount=700, state="REFUND", refund_no="C1", refund_id="50001", refund_state="SUCCESS",
            fee=Decimal("0.042"),
        ),
        foreign_line(f"{DAY} 12:00"),
    )  # fmt: skip
    days.append(bring(account, bill))
    return Scene(account=account, days=days, late=late)


def read_page(staff: Client, **query: str) -> str:
    answer = staff.get(url(Difference, "changelist"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer: Any) -> list[str]:
    """The messages of an answer."""
    return [str(one) for one in get_messages(answer.wsgi_request)]
