"""Orders come back once, with their keys, and collide with nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from scanforpay_django.models import (
    ArchivedNumber,
    Flag,
    Notification,
    NotificationAttempt,
    Order,
    Partner,
    Store,
)
from scanforpay_django.operations.archive.archive_file import ArchiveError
from scanforpay_django.operations.archive.import_orders import import_orders
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import (
    archive,
    busy,
    closed,
    everything,
    is_empty,
    make_orders,
    path,
    platform,
)
from tests.rows import Rows

__all__ = ["busy", "closed", "path", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_import_changes_nothing(closed: Merchant, path: Path) -> None:
    archive(path)
    first = import_orders(path)
    before = everything()
    second = import_orders(path)
    assert (first.present, second.orders, second.rows, second.present) == (0, 0, 0, first.orders)
    assert everything() == before


def test_named_orders_come_back_alone_and_the_others_later(rows: Rows, path: Path) -> None:
    first, second, third = make_orders(rows, 3)
    before = everything()
    archive(path, batch=2)
    assert import_orders(path, {first.order_no, third.partner_order_no}).orders == 2
    assert set(Order.objects.all()) == {first, third}
    assert set(ArchivedNumber.objects.values_list("order_no", flat=True)) == {second.order_no}
    assert import_orders(path).orders == 1
    assert everything() == before


def test_rows_that_are_missing_are_added(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    before = everything()
    archive(path)
    import_orders(path)
    NotificationAttempt.objects.all().delete()
    assert import_orders(path).rows == 1
    assert everything() == before


def test_what_differs_is_refused_and_named(rows: Rows, path: Path) -> None:
    first, _second = make_orders(rows, 2)
    archive(path)
    import_orders(path, {first.order_no})
    Notification.objects.update(last_reason="resent")
    number = Notification.objects.get().pk
    with pytest.raises(ArchiveError, match=f"{first.order_no}: Notification {number} .* another last_reason"):
        import_orders(path)
    assert Order.objects.get() == first


def test_a_damaged_batch_is_not_imported(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    archive(path)
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="damaged"):
        import_orders(path)
    assert is_empty()


def give_number_to_another(order: Order) -> None:
    Order.objects.create(
        partner=order.partner, store=order.store, partner_order_no=order.partner_order_no, amount=1, currency="CNY",
        expires_at=order.expires_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda order: Partner.objects.update(partner_no="other"), "partner 2"),
        (lambda order: Store.objects.update(store_no="other"), "store 0"),
        (give_number_to_another, "collide"),
    ],
)
def test_another_database_is_refused(
    rows: Rows, path: Path, change: Callable[[Order], object], why: str
) -> None:
    (order,) = make_orders(rows, 1)
    archive(path)
    change(order)
    before = everything()
    with pytest.raises(ArchiveError, match=why):
        import_orders(path)
    assert everything() == before


def test_what_an_order_refers_to_may_not_be_missing(closed: Merchant, path: Path) -> None:
    archive(path)
    get_user_model().objects.all().delete()
    with pytest.raises(ArchiveError, match="Flag refers to user"):
        import_orders(path)
    assert is_empty()


def test_new_rows_do_not_get_a_key_that_was_imported(closed: Merchant, path: Path) -> None:
    """In a new database, keys are counted from 1."""
    archive(path)
    restart = {
        "mysql": "ALTER TABLE scanforpay_order AUTO_INCREMENT = 1",
        "postgresql": "ALTER SEQUENCE scanforpay_order_id_seq RESTART",
        "sqlite": "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'scanforpay_order'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(restart)
    import_orders(path)
    newest = Order.objects.latest("pk")
    newest.partner_order_no = "new"
    give_number_to_another(newest)
    assert Order.objects.latest("pk").pk > newest.pk


def test_the_order_of_a_flag_is_found_after_an_import(closed: Merchant, path: Path) -> None:
    archive(path)
    import_orders(path)
    assert {flag.order.partner_order_no for flag in Flag.objects.all()} == {"late"}


def test_an_archive_of_a_run_that_did_not_end_says_so(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    archive(path)
    assert import_orders(path).is_complete
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert not import_orders(path).is_complete
