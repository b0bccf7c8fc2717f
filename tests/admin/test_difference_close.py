"""Closing differences by hand."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import Difference, Store
from tests.admin.reconciliation import Scene, make_scene, read_page, said
from tests.operations.figures.calendar import At, at, store
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
CLOSE = reverse("admin:scanforpay_difference_close")


@pytest.fixture
def scene(store: Store, at: At) -> Scene:
    at("2026-11-28 12:00")
    return make_scene(store)


def close(staff: Client, **sent: Any) -> Any:
    return staff.post(CLOSE, {"_close": "1", "reason": "agreed by phone", **sent})


def states() -> dict[str, str]:
    return dict(Difference.objects.values_list("kind", "reason"))


def test_one_with_a_reason(scene: Scene, staff: Client) -> None:
    row = scene.difference("fee_rate")
    page = staff.get(CLOSE, {"selected": row.pk}).content.decode()
    assert "1 open difference" in page
    answer = close(staff, selected=row.pk, query="kind=fee_rate")
    assert answer["Location"].endswith("?kind=fee_rate")
    assert said(answer) == ["1 difference was closed."]
    row.refresh_from_db()
    assert (row.reason, row.closed_by.get_username()) == ("agreed by phone", "boss")
    assert LogEntry.objects.get().get_change_message() == "Closed the difference: agreed by phone"
    page = read_page(staff, state="closed")
    assert "closed: agreed by phone" in page
    assert "boss" in page


def test_not_without_a_reason(scene: Scene, staff: Client) -> None:
    row = scene.difference("fee_rate")
    for reason in ("", " ", "x" * 201):
        page = close(staff, selected=row.pk, reason=reason).content.decode()
        assert "errorlist" in page
        assert f'name="selected" value="{row.pk}"' in page
    assert set(states().values()) == {""}
    assert not LogEntry.objects.exists()


def test_the_selected_ones(scene: Scene, staff: Client) -> None:
    keys = [scene.difference(kind).pk for kind in ("fee_rate", "refund_unknown")]
    assert "2 open differences" in staff.post(CLOSE, {"selected": keys}).content.decode()
    assert said(close(staff, selected=keys)) == ["2 differences were closed."]
    assert states() == {
        "fee_rate": "agreed by phone", "refund_unknown": "agreed by phone", "paid_there_closed_here": "",
    }  # fmt: skip
    assert LogEntry.objects.count() == 2


def test_all_open_ones_of_a_bill(scene: Scene, staff: Client) -> None:
    bill = scene.days[1].pk
    assert "Close all open ones of this bill" in read_page(staff, bill=f"{bill}")
    # The box of a single one may be ticked, too.
    page = staff.post(CLOSE, {"bill": bill, "selected": scene.difference("fee_rate").pk}).content.decode()
    assert "3 open differences" in page
    assert said(close(staff, bill=bill)) == ["3 differences were closed."]
    assert LogEntry.objects.count() == 3
    assert "No open difference is selected." in said(close(staff, bill=bill))


@pytest.mark.parametrize("sent", [{}, {"selected": "abc"}, {"selected": "9" * 40}, {"selected": "7779999"}])
def test_nothing_that_is_there(scene: Scene, staff: Client, sent: dict[str, str]) -> None:
    assert said(close(staff, **sent)) == ["No open difference is selected."]
    assert close(staff, bill="x").status_code == 404


def test_only_ones_own_and_with_the_permission(scene: Scene, store: Store, rows: Rows) -> None:
    row = scene.difference("fee_rate")
    assert close(sign_in("", "view_difference", store=store), selected=row.pk).status_code == 403
    stranger = sign_in("accountant", name="eve", store=rows.store())
    for sent in ({"selected": row.pk}, {"bill": scene.days[1].pk}):
        assert said(close(stranger, **sent))[-1] == "No open difference is selected."
    assert set(states().values()) == {""}
    own = sign_in("accountant", name="ann", store=store)
    assert said(close(own, bill=scene.days[1].pk)) == ["3 differences were closed."]
