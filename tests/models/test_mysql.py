"""What MariaDB and MySQL do in another way: cutting values, comparing, and what a transaction sees."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client

from scanforpay_django import checkout
from scanforpay_django.models import Order, Payment, Refund, Store
from scanforpay_django.models.database import atomic, has_old_snapshot
from scanforpay_django.models.hot_queries import INSERT_ORDER
from scanforpay_django.models.settling_queries import lock_trade
from tests.merchant import Merchant
from tests.paid_order import pay, quick
from tests.rows import Rows
from tests.scripted import Platform, platform, start

__all__ = ["platform", "quick"]

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another session."""
    other = connection.copy()
    yield other
    other.close()


def columns(order: Order, **changes: Any) -> dict[str, Any]:
    """For another order like this one."""
    generated = {"id", "state", "created_at"}
    values = {
        field.attname: getattr(order, field.attname)
        for field in Order._meta.concrete_fields
        if not (field.generated or field.attname in generated)
    }
    new = {"order_no": "1", "partner_order_no": "n1", "token": "t1", "scan_token": "s1"}
    return {**values, **new, **changes}


def test_one_partner_order_no_is_one_order(rows: Rows) -> None:
    order = rows.order("https://shop.example/n")
    assert INSERT_ORDER.write_once(**columns(order)) is not None
    assert INSERT_ORDER.write_once(**columns(order, order_no="2", token="t2", scan_token="s2")) is None
    assert Order.objects.count() == 2


def test_another_number_that_is_taken_is_an_error(rows: Rows) -> None:
    order = rows.order("https://shop.example/n")
    with pytest.raises(IntegrityError):
        INSERT_ORDER.write_once(**columns(order, token=order.token))


def test_a_value_is_refused_and_not_cut(rows: Rows) -> None:
    order = rows.order("https://shop.example/n")
    with pytest.raises(DataError):
        INSERT_ORDER.write_once(**columns(order, currency="C" * 30))


def test_a_duplicate_is_seen_by_a_transaction_that_began_before_it(rows: Rows, elsewhere: Any) -> None:
    """The host's own transaction, under REPEATABLE READ."""
    order = rows.order("https://shop.example/n")
    with transaction.atomic():
        assert Order.objects.count() == 1
        with elsewhere.cursor() as cursor:
            names = "partner_id, store_id, order_no, partner_order_no, token, scan_token"
            others = ", ".join(
                field.column
                for field in Order._meta.concrete_fields
                if not field.generated and field.column not in {"id", *names.split(", ")}
            )
            cursor.execute(
                f"INSERT INTO scanforpay_order ({names}, {others}) "
                f"SELECT partner_id, store_id, '1', 'n1', 't1', 's1', {others} FROM scanforpay_order"
            )
        assert not Order.objects.filter(partner_order_no="n1").exists()
        assert INSERT_ORDER.write_once(**columns(order, order_no="2", token="t2", scan_token="s2")) is None
    assert Order.objects.count() == 2


def test_the_projects_own_transaction_finds_what_another_made_meanwhile(
    elsewhere: Any, merchant: Merchant, platform: Platform, quick: None
) -> None:
    """checkout.create() and refund() join it: an order and a refund of the same number are the same ones."""
    made = checkout.create(number="n1", amount=2100, store=merchant.store, metadata={"cart": 7})
    pay(platform, made)
    given = checkout.refund(made, 100, number="r1")
    hidden = [
        f"UPDATE scanforpay_{table} SET {column} = CONCAT({column}, 'x') WHERE {column} = '{number}'"
        for table, column, number in (("order", "partner_order_no", "n1"), ("refund", "refund_no", "r1"))
    ]
    with elsewhere.cursor() as cursor:
        for statement in hidden:
            cursor.execute(statement)
        with transaction.atomic():
            # What this transaction sees from now on is without the numbers.
            assert not Order.objects.filter(partner_order_no="n1").exists()
            assert not Refund.objects.filter(refund_no="r1").exists()
            for statement in hidden:
                column = "refund_no" if "refund_no" in statement else "partner_order_no"
                table = "refund" if "refund_no" in statement else "order"
                cursor.execute(f"UPDATE scanforpay_{table} SET {column} = TRIM(TRAILING 'x' FROM {column})")
            again = checkout.create(number="n1", amount=2100, store=merchant.store, metadata={"cart": 8})
            assert again.pk == made.pk
            assert again.stored_metadata.data == {"cart": 7}
            assert checkout.refund(made, 100, number="r1").pk == given.pk
    assert Refund.objects.count() == 1


def test_our_transactions_see_what_was_committed_last(rows: Rows, elsewhere: Any) -> None:
    order = rows.order("https://shop.example/n")
    with atomic():
        assert Store.objects.get(pk=order.store_id).name != "Renamed"
        with elsewhere.cursor() as cursor:
            cursor.execute("UPDATE scanforpay_store SET name = 'Renamed'")
        assert Store.objects.get(pk=order.store_id).name == "Renamed"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT @@tx_isolation" if connection.mysql_is_mariadb else "SELECT @@transaction_isolation"
        )
        assert cursor.fetchone()[0] == "REPEATABLE-READ"


def test_a_trade_that_is_archived_between_its_locks_is_not_known(
    elsewhere: Any, merchant: Merchant, platform: Platform
) -> None:
    merchant.create()
    number = start(Order.objects.get(), "a").params["number"]
    payment = Payment.objects.get(out_trade_no=number)

    def archive(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """After its number was read."""
        found = execute(sql, params, many, context)
        if sql.startswith("SELECT p.order_id"):
            with elsewhere.cursor() as cursor:
                cursor.execute("UPDATE scanforpay_payment SET out_trade_no = 'gone'")
        return found

    with connection.execute_wrapper(archive), atomic():
        assert lock_trade(payment.account_id, number) is None


def fail() -> None:
    with atomic():
        assert not has_old_snapshot("default")
        raise RuntimeError


def test_a_transaction_that_fails_leaves_the_next_one_to_the_project() -> None:
    with pytest.raises(RuntimeError):
        fail()
    with transaction.atomic():
        assert has_old_snapshot("default")
        with atomic():
            assert has_old_snapshot("default")


def test_numbers_are_compared_byte_for_byte(merchant: Merchant, client: Client) -> None:
    answer = merchant.create(partnerOrderNo="A1")
    again = merchant.create(partnerOrderNo="a1")
    assert answer["orderNo"] != again["orderNo"]
    token = Order.objects.get(order_no=answer["orderNo"]).token
    page = answer["payUrl"].partition("//")[2].partition("/")[2]
    assert client.get(f"/{page}").status_code == 200
    assert client.get(f"/{page.replace(token, token.swapcase())}").status_code == 404
