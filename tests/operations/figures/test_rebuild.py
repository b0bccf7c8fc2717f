"""Writing days anew."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import ArchivedNumber, DailyFigure, Order, Refund, Store
from scanforpay_django.operations.figures.follow import tidy_up
from scanforpay_django.operations.figures.rebuild import find_wrong_days, rebuild_days
from tests.large_tables import fill, make_template
from tests.operations.figures.calendar import At, at, figures, make, open_page, pay, snapshot, store
from tests.row_copies import copies
from tests.threads import raced

__all__ = ["at", "store"]
DAY = date(2026, 11, 27)


@pytest.mark.django_db
def test_twice_changes_nothing(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    pay(open_page(make(store)))
    assert rebuild_days(store, DAY, DAY) == 1
    before = snapshot()
    assert rebuild_days(store, DAY, DAY) == 0
    assert snapshot() == before


@pytest.mark.django_db
def test_what_the_rows_do_not_say_goes(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    order = make(store, wallet="Any")
    DailyFigure.objects.create(store=store, day=DAY, wallet="Alipay", currency="CNY", paid_count=3)
    assert find_wrong_days(store, DAY, DAY) == {DAY}
    assert rebuild_days(store, DAY, DAY) == 2
    assert figures("created_count", "paid_count") == {"2026-11-27 Any CNY": (1, 0)}
    # Its wallet is known when it is paid.
    pay(open_page(order, wallet="Alipay"))
    rebuild_days(store, DAY, DAY)
    assert figures("created_count", "paid_count") == {"2026-11-27 Alipay CNY": (1, 1)}
    assert find_wrong_days(store, DAY, DAY) == set()


@pytest.mark.django_db
def test_days_of_archived_orders_stay(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    pay(open_page(make(store)))
    rebuild_days(store, DAY, DAY)
    DailyFigure.objects.update(paid_count=9)
    archived = ArchivedNumber.objects.create(
        partner=store.partner, kind="order", number="x", order_no="202611200000000000000000"
    )
    assert rebuild_days(store, DAY, DAY) == 0
    assert find_wrong_days(store, DAY, DAY) == set()
    archived.delete()
    assert rebuild_days(store, DAY, DAY) == 1


@pytest.mark.django_db
def test_slots_are_kept_for_a_week_and_figures_for_good(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    pay(open_page(make(store)))
    rebuild_days(store, DAY, DAY)
    for day, kept in (("2026-12-05 10:00", True), ("2026-12-08 10:00", False)):
        at(day)
        tidy_up()
        assert rebuild_days(store, DAY, DAY) == 0
        assert bool(DailyFigure.objects.get().slots) == kept
    assert DailyFigure.objects.get().paid_amount == 2100


@pytest.mark.django_db(transaction=True)
@pytest.mark.row_locks
def test_two_workers_write_one_row(store: Store) -> None:
    order = make(store)
    day = order.created_at.astimezone(store.zone).date()
    raced(4, lambda: rebuild_days(store, day, day))
    assert DailyFigure.objects.values_list("created_count").get() == (1,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_day_is_counted_by_indexes() -> None:
    rows = make_template(50)
    fill(rows, 20_000, "1")
    order, payment = rows["order"], rows["payment"]
    money = {"amount": 100, "currency": "CNY", "state": "succeeded", "finished_at": order.paid_at}
    refund = Refund.objects.create(partner=order.partner, order=order, payment=payment, **money)
    belongs = {"order_id": f"{order.pk} + g", "payment_id": f"{payment.pk} + g"}
    finished_at = "finished_at - (g % 365) * interval '1 day'"
    copies(Refund, refund.pk, {**belongs, "out_refund_no": "'o' || g", "finished_at": finished_at}, 20_000)
    with connection.cursor() as cursor:
        # As they are spread over a year.
        cursor.execute(
            "UPDATE scanforpay_order SET created_at = created_at - (id % 365) * interval '1 day',"
            " paid_at = paid_at - (id % 365) * interval '1 day'"
        )
        cursor.execute("VACUUM ANALYZE")
    order = Order.objects.latest("pk")
    day = order.created_at.astimezone(order.store.zone).date()
    with CaptureQueriesContext(connection) as captured:
        rebuild_days(order.store, day, day)
    plans = []
    with connection.cursor() as cursor:
        for one in captured:
            # Cursors of the server's are declared.
            statement = one["sql"].rpartition(" CURSOR FOR ")[2].removeprefix("NO SCROLL ")
            if statement.startswith("SELECT") and "scanforpay_order" in statement:
                cursor.execute(f"EXPLAIN {statement}")
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert len(plans) == 3
    assert [plan for plan in plans if "Seq Scan on scanforpay_" in plan] == []
    assert any("scanforpay_order_paid" in plan for plan in plans)
