"""The staff desk's figures: whether they are what the rows say."""

from datetime import date, timedelta

from scanforpay_django import clock
from scanforpay_django.models import FigureMark, Store
from scanforpay_django.operations.audit.check import Check, Rows
from scanforpay_django.operations.figures.follow import FIRST_DAYS
from scanforpay_django.operations.figures.rebuild import find_wrong_days, rebuild_days

#: days that are compared: those of one long look back would be the whole table
DAYS = 31


def _find(stores: Rows) -> Rows:
    """A day is settled when another one has passed: until then the worker may not have come to it."""
    if FigureMark.objects.positions().get("backfill", 0) < FIRST_DAYS:
        return stores.none()
    wrong = [store.pk for store in stores.order_by() if find_wrong_days(store, *_find_settled(store))]
    return stores.filter(pk__in=wrong)


def _find_settled(store: Store) -> tuple[date, date]:
    today = clock.now().astimezone(store.zone).date()
    return today - timedelta(days=DAYS), today - timedelta(days=2)


def _rebuild(pk: int) -> bool:
    store = Store.objects.get(pk=pk)
    rebuild_days(store, *_find_settled(store))
    return True


FIGURE_CHECKS = (
    Check(
        code="figures-differ",
        invariant=0,
        text="The figures of the last month are not what the store's orders and refunds say.",
        rows=Store.objects.all(),
        find=_find,
        repair=_rebuild,
    ),
)
