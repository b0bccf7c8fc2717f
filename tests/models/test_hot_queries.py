"""The statements that are written once: a page finds what the ORM finds, create and payQuery take one each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django import clock
from scanforpay_django.models import Logo, Order, Store
from scanforpay_django.models.hot_queries import find_page_row
from tests.browser.pictures import png
from tests.merchant import Merchant
from tests.models.warm import statements, warm

__all__ = ["warm"]


def values(row: Order | Store) -> dict[str, object]:
    """Every column."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["token", "scan_token"])
def test_every_column_of_order_and_store_in_one_statement(merchant: Merchant, column: str) -> None:
    Store.objects.update(logo=Logo.objects.keep(png(64, 64)), order_lifetime_seconds=600)
    merchant.create(goodsAmount=2000, returnUrl="https://shop.example/done")
    merchant.create()
    Order.objects.update(paid_at=clock.now())
    wanted = Order.objects.select_related("store").earliest("pk")
    with CaptureQueriesContext(connection) as captured:
        found = find_page_row(getattr(wanted, column))
        assert values(found) == values(wanted)
        assert values(found.store) == values(wanted.store)
    assert len(captured) == 1
    assert found == wanted
    assert not found._state.adding
    found.title = "changed"
    found.save(update_fields=["title"])
    assert Order.objects.get(pk=wanted.pk).title == "changed"


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("token", ["A" * 22, "", "x", "A" * 21 + "\0", "é" * 22])
def test_what_is_not_there(merchant: Merchant, token: str) -> None:
    assert find_page_row(token) is None


@pytest.mark.django_db(transaction=True)
def test_a_create_is_one_insert(warm: Merchant) -> None:
    (told,) = statements(warm.create)
    assert told.startswith("INSERT INTO scanforpay_order")
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_pay_query_is_one_select(warm: Merchant) -> None:
    warm.create(partnerOrderNo="p1")
    (told,) = statements(lambda: warm.query(partnerOrderNo="p1"))
    assert told.startswith("SELECT")


@pytest.mark.django_db(transaction=True)
def test_the_same_create_again_is_one_insert_and_one_select(warm: Merchant) -> None:
    """On MariaDB and MySQL one more: whether it is the number that is taken."""
    warm.create(partnerOrderNo="p1")
    told = statements(lambda: warm.create(partnerOrderNo="p1"))
    assert len(told) == (3 if connection.vendor == "mysql" else 2)
