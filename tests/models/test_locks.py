"""An order's row lock: others wait for it, and what it is joined with stays free."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from scanforpay_django.models import Order, Partner, Payment, Store
from scanforpay_django.models.locks import lock_order, lock_order_and_payment
from tests.merchant import Merchant
from tests.platform import give_credentials, open_payment

PACKAGE = Path(__file__).parents[2] / "scanforpay_django"


def test_locks_of_orders_and_payments_are_written_once() -> None:
    rows = r"(Order|Payment|Refund)\.objects|\.(orders|payments|refunds)"
    lock = re.compile(rf"\b({rows})\s*(\.\w+\([^()]*\)\s*)*\.select_for_update")
    found = [path for path in PACKAGE.rglob("*.py") if lock.search(path.read_text())]
    assert [path.name for path in found if "sandbox" not in path.parts] == []


@pytest.fixture
def held(merchant: Merchant, transactional_db: None) -> Iterator[Payment]:
    """A payment that another transaction holds together with its order."""
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat")
    is_held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_order_and_payment(payment)
            is_held.set()
            let_go.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(20)
    yield payment
    let_go.set()
    thread.join()


@pytest.mark.row_locks
@pytest.mark.django_db(transaction=True)
def test_a_locked_order_and_its_payment_are_not_to_be_had(held: Payment) -> None:
    for model, pk in ((Order, held.order_id), (Payment, held.pk)):
        with pytest.raises(OperationalError), transaction.atomic():
            model.objects.select_for_update(nowait=True).get(pk=pk)


@pytest.mark.row_locks
@pytest.mark.django_db(transaction=True)
def test_its_partner_and_store_are_free(held: Payment) -> None:
    with transaction.atomic():
        assert Partner.objects.select_for_update(nowait=True).count() == 1
        assert Store.objects.select_for_update(nowait=True).get(pk=held.order.store_id)


@pytest.mark.django_db
def test_partner_and_store_come_along(merchant: Merchant, django_assert_num_queries: object) -> None:
    order = Order.objects.get(order_no=merchant.create()["orderNo"])
    # What is joined would be locked, too, on MariaDB.
    count = 1 if connection.vendor != "mysql" or connection.features.has_select_for_update_of else 3
    with transaction.atomic(), django_assert_num_queries(count):  # type: ignore[operator]
        locked = lock_order(order.pk)
        assert (locked.partner.partner_no, locked.store.store_no) == ("10001", merchant.store.store_no)
