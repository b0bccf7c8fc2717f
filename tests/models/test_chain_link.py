"""Links are written once, by one at a time."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from scanforpay_django.exceptions import AppendOnly
from scanforpay_django.models import ChainLink, ChainWriter

pytestmark = pytest.mark.django_db


def make(number: int = 1, **columns: object) -> ChainLink:
    values = {"segment": 1, "act": "row", "kind": "event", "row_pk": 5, "content": "x", "mac": "a" * 64}
    return ChainLink.objects.create(number=number, **values | columns)


@pytest.mark.parametrize(
    "statement", ["UPDATE scanforpay_chainlink SET mac = 'b'", "DELETE FROM scanforpay_chainlink"]
)
def test_neither_the_orm_nor_a_shell_changes_one(statement: str) -> None:
    link = make()
    for change in (link.save, link.delete, ChainLink.objects.all().delete):
        with pytest.raises(AppendOnly):
            change()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ChainLink.objects.get().mac == "a" * 64


def test_no_number_is_given_twice() -> None:
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
    assert str(ChainLink.objects.last_link()) == "link 1"


def test_the_newest_statement() -> None:
    make(1, act="horizon", kind="", row_pk=1)
    make(2, act="horizon", kind="", row_pk=2)
    make(3, row_pk=900)
    assert ChainLink.objects.newest_statement("horizon").number == 2
    assert ChainLink.objects.newest_statement("segment") is None


def test_the_writer_s_turns() -> None:
    for _number in range(2):
        ChainWriter.objects.begin()
        ChainWriter.objects.lock()
    writer = ChainWriter.objects.get()
    assert (writer.turns, writer.at) == (2, None)
    ChainWriter.objects.stamp()
    assert ChainWriter.objects.get().at is not None
