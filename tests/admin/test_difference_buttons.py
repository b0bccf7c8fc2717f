"""Compare again, and the list as a CSV file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import BillDay, Difference, Payment, Store
from tests.admin.reconciliation import DAY, Scene, make_scene, read_page, said
from tests.operations.figures.calendar import At, at, store
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
COMPARE, CSV = (reverse(f"admin:scanforpay_difference_{name}") for name in ("compare", "csv"))


@pytest.fixture
def scene(store: Store, at: At) -> Scene:
    at("2026-11-28 12:00")
    return make_scene(store)


def test_a_day_is_compared_again(scene: Scene, staff: Client) -> None:
    assert "Compare 2026-11-27 again" in read_page(staff)
    Payment.objects.filter(pk=scene.late.pk).update(
        state="paid", paid_amount=4560, paid_currency="CNY", paid_at=scene.late.created_at
    )
    answer = staff.post(COMPARE, {"day": f"{DAY}"})
    assert said(answer) == ["1 bill was compared again."]
    assert not Difference.objects.open().filter(kind="paid_there_closed_here").exists()


def test_a_large_bill_is_left_to_the_worker(
    scene: Scene, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanforpay_django.books.difference_acts.MAX_COMPARED_AT_ONCE", 1)
    BillDay.objects.update(next_at=None)
    (text,) = said(staff.post(COMPARE, {"day": f"{DAY}"}))
    assert text.startswith("1 bill is large, busy or not here yet")
    assert list(BillDay.objects.exclude(next_at=None).values_list("day", flat=True)) == [DAY]


@pytest.mark.parametrize("day", ["", "x", "2020-01-01"])
def test_a_day_without_bills(scene: Scene, staff: Client, day: str) -> None:
    (text,) = said(staff.post(COMPARE, {"day": day}))
    assert text in ("Choose a day first.", "No bill is expected of this day.")


def test_comparing_needs_the_permission_and_the_days_are_ones_own(
    scene: Scene, store: Store, rows: Rows
) -> None:
    assert sign_in("", "view_difference", store=store).post(COMPARE, {"day": f"{DAY}"}).status_code == 403
    stranger = sign_in("accountant", name="eve", store=rows.store())
    assert said(stranger.post(COMPARE, {"day": f"{DAY}"})) == ["No bill is expected of this day."]
    assert stranger.get(COMPARE).status_code == 403


def read_csv(staff: Client, **query: str) -> list[list[str]]:
    answer: Any = staff.get(CSV, query)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content).decode()
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:])))


def test_the_file_has_what_is_listed(scene: Scene, staff: Client) -> None:
    head, *lines = read_csv(staff)
    assert head[:3] == ["day", "merchant number", "kind"]
    assert {line[2] for line in lines} == {
        "refund in the bill, not here", "paid in the bill, closed here", "fee is not as agreed",
    }  # fmt: skip
    (refund,) = [line for line in lines if line[2].startswith("refund")]
    assert refund[head.index("amount")] == "-7.00"
    assert len(read_csv(staff, kind="fee_rate")) == 2
    assert len(read_csv(staff, state="closed")) == 1


def test_no_cell_is_a_formula(scene: Scene, staff: Client) -> None:
    Difference.objects.filter(kind="fee_rate").update(theirs="=HYPERLINK(1)", number="@x")
    cells = [cell for line in read_csv(staff, kind="fee_rate")[1:] for cell in line]
    assert "'=HYPERLINK(1)" in cells
    assert "'@x" in cells


def test_the_file_is_for_those_who_may_see_the_list(
    scene: Scene, store: Store, rows: Rows, staff: Client
) -> None:
    assert sign_in("cashier", store=store).get(CSV).status_code == 403
    assert len(read_csv(sign_in("accountant", name="eve", store=rows.store()), day="all")) == 1
    answer = staff.get(CSV, {"day": "x"})
    assert (answer.status_code, said(answer)) == (302, ["The filter in the address cannot be read."])
