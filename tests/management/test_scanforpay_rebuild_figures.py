"""``manage.py scanforpay_rebuild_figures``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import ArchivedNumber, DailyFigure, Store
from tests.operations.figures.calendar import At, at, figures, make, open_page, pay, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db


def run(**options: str) -> str:
    out = StringIO()
    call_command(
        "scanforpay_rebuild_figures", *(f"--{name}={value}" for name, value in options.items()), stdout=out
    )
    return out.getvalue()


def test_days_follow_the_stores_time_zone(store: Store, at: At) -> None:
    at("2026-11-27 23:59:59")
    pay(open_page(make(store)))
    at("2026-11-28 10:00")
    assert run() == f"{store}: 1 rows written\n1 stores, 1 rows written\n"
    assert figures("paid_count") == {"2026-11-27 Wechat CNY": (1,)}
    Store.objects.update(timezone="Asia/Tokyo")
    # The old row goes, the new one comes.
    assert "1 stores, 2 rows written" in run(store=store.store_no)
    assert figures("paid_count") == {"2026-11-28 Wechat CNY": (1,)}
    assert run() == "1 stores, 0 rows written\n"


def test_only_the_days_asked_for(store: Store, at: At) -> None:
    for day in ("2026-01-01 10:00", "2026-01-02 10:00", "2026-01-03 10:00"):
        at(day)
        pay(open_page(make(store)))
    at("2026-11-28 10:00")
    assert "0 rows written" in run()
    assert "1 rows written" in run(since="2026-01-02", until="2026-01-02")
    assert figures("paid_count") == {"2026-01-02 Wechat CNY": (1,)}


def test_what_is_archived_is_said(store: Store, at: At) -> None:
    at("2026-11-28 10:00")
    ArchivedNumber.objects.create(
        partner=store.partner, kind="order", number="x", order_no="20261115" + "0" * 16
    )
    assert f"{store}: days before 2026-11-24 stay" in run()


@pytest.mark.parametrize(
    ("options", "said"), [({"store": "nobody"}, "no such store"), ({"since": "11/29"}, "not a date")]
)
def test_what_cannot_be_is_refused(store: Store, options: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(**options)
    assert DailyFigure.objects.count() == 0
