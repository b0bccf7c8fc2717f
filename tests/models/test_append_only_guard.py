"""The database itself refuses to change a posting."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from scanforpay_django.models import Posting
from scanforpay_django.models.append_only_guard import install_guard, remove_guard
from tests.merchant import Merchant, seed_merchant
from tests.models.test_posting import make

pytestmark = pytest.mark.django_db(transaction=True)
STATEMENTS = ("UPDATE scanforpay_posting SET amount = 1", "DELETE FROM scanforpay_posting")


def refuses(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Posting.objects.get().amount == 2100


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_shell_cannot_change_one(merchant: Merchant, statement: str) -> None:
    make(merchant)
    refuses(statement)


@pytest.mark.parametrize("columns", [{"amount": 0}, {"amount": -5}, {"cause_id": 1}])
def test_an_amount_that_is_none_and_a_second_posting_of_one_cause(
    merchant: Merchant, columns: dict[str, int]
) -> None:
    make(merchant)
    with pytest.raises(IntegrityError):
        make(merchant, **{"cause_id": 2} | columns)


def test_the_whole_database_is_emptied_and_guarded_afterwards(merchant: Merchant) -> None:
    """As Django's tests with transactions do it after each one."""
    make(merchant)
    call_command("flush", interactive=False, verbosity=0)
    assert not Posting.objects.exists()
    make(seed_merchant())
    for statement in STATEMENTS:
        refuses(statement)


def test_it_can_be_taken_away_and_put_back(merchant: Merchant) -> None:
    make(merchant)
    remove_guard(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE scanforpay_posting SET amount = 2100")
    assert install_guard(connection)
    refuses(STATEMENTS[0])


@pytest.mark.mysql
def test_where_the_user_may_not_create_triggers_the_migration_goes_on_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER 'no_triggers'@'%%' IDENTIFIED BY 'x'", [])
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.* TO 'no_triggers'@'%%'", [])
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict, "USER": "no_triggers", "PASSWORD": "x"}
    try:
        assert install_guard(other) is False
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP USER 'no_triggers'@'%%'", [])
    assert "without its triggers" in caplog.text
