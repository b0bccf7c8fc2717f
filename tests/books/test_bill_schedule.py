"""When bills are fetched, and what happens when they do not come. The platforms are the sandbox, by its moved clock."""

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.books.difference_acts import carry_out
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import schedule_file
from scanforpay_django.models import BillDay, BillFile, Difference, Payment, WalletAccount
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.wallets.bills.samples import HONG_KONG
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    """A direct merchant of WeChat Pay whose account is some days old."""
    return aged(till_of("wechat"))


def aged(till: Till) -> Till:
    WalletAccount.objects.update(created_at=clock.now() - timedelta(days=30))
    till.account.refresh_from_db()
    return till


def china_today() -> date:
    return clock.now().astimezone(CHINA).date()


def move_to(day: date, clock_time: str) -> None:
    """Forward to a moment in Beijing."""
    moment = datetime.combine(day, time.fromisoformat(clock_time), CHINA)
    moved_clock.forward(moment - clock.now())


def days() -> dict[str, BillDay]:
    return {f"{row.day}": row for row in BillDay.objects.all()}


def test_a_day_is_asked_for_from_five_past_ten(till: Till) -> None:
    payment = till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:04")
    reconcile_due()
    day = days()[f"{paid_on}"]
    assert (day.state, day.ask_count, day.number) == ("waiting", 0, till.account.config["mchid"])
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    day.refresh_from_db()
    assert (day.state, day.ask_count, day.totals["CNY"]["paid"]) == ("compared", 1, payment.paid_amount)
    assert not Difference.objects.exists()


def test_the_last_seven_days_are_filled(till: Till) -> None:
    move_to(china_today() + timedelta(days=1), "10:16")
    reconcile_due()
    assert len(days()) == 7
    assert {row.state for row in days().values()} == {"none"}
    asked = BillDay.objects.values_list("ask_count", flat=True)
    reconcile_due()
    assert list(asked) == [1] * 7


def test_days_before_the_account_are_not_asked_for(till: Till) -> None:
    WalletAccount.objects.update(created_at=clock.now())
    move_to(china_today() + timedelta(days=1), "10:16")
    reconcile_due()
    assert len(days()) == 1


def test_a_bill_that_is_being_made_is_asked_for_every_half_hour(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "09:30")
    reconcile_due()
    BillDay.objects.update(next_at=clock.now())
    reconcile_due()
    day = days()[f"{paid_on}"]
    assert (day.state, day.ask_count, day.error) == ("waiting", 1, "")
    assert timedelta(minutes=29) < day.next_at - clock.now() <= timedelta(minutes=30)


def test_a_bill_that_does_not_come_is_a_difference_until_it_comes(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    hosts = WalletAccount.objects.get(pk=till.account.pk).secrets_ciphertext
    move_to(paid_on + timedelta(days=1), "20:10")
    WalletAccount.objects.update(secrets_ciphertext="")
    reconcile_due()
    late = Difference.objects.open().filter(kind="bill_late")
    assert late.filter(day__day=paid_on).exists()
    assert days()[f"{paid_on}"].error != ""
    WalletAccount.objects.filter(pk=till.account.pk).update(secrets_ciphertext=hosts)
    moved_clock.forward(timedelta(hours=3, minutes=1))
    reconcile_due()
    assert not late.exists()
    assert days()[f"{paid_on}"].state == "compared"


def test_before_it_is_gone_for_ever_the_difference_says_until_when(till: Till) -> None:
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:00")
    reconcile_due()
    WalletAccount.objects.update(secrets_ciphertext="")
    BillDay.objects.exclude(day=paid_on).delete()
    move_to(paid_on + timedelta(days=85), "10:00")
    reconcile_due()
    found = Difference.objects.get(day__day=paid_on)
    assert found.ours == f"gone from {paid_on + timedelta(days=90)} on"
    move_to(paid_on + timedelta(days=90), "10:00")
    reconcile_due()
    day = days()[f"{paid_on}"]
    assert (day.state, day.next_at) == ("gone", None)


def test_no_bill_is_believed_in_the_evening_where_we_were_paid(till: Till) -> None:
    payment = till.paid()
    empty = china_today() + timedelta(days=1)
    noon = datetime.combine(empty, time(12), CHINA)
    Payment.objects.filter(pk=payment.pk).update(paid_at=noon)
    move_to(empty + timedelta(days=1), "10:16")
    reconcile_due()
    assert (days()[f"{empty}"].state, days()[f"{empty}"].ask_count) == ("waiting", 1)
    move_to(empty + timedelta(days=1), "20:10")
    reconcile_due()
    assert days()[f"{empty}"].state == "none"


def test_a_file_that_staff_bring_is_missed_where_something_was_paid(till_of: Callable[[str], Till]) -> None:
    till = aged(till_of("alipay-hk"))
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    assert not Difference.objects.exists()
    move_to(paid_on + timedelta(days=5), "10:16")
    reconcile_due()
    assert [row.day.day for row in Difference.objects.filter(kind="bill_late")] == [paid_on]
    moved_clock.forward(timedelta(days=1))
    reconcile_due()
    assert Difference.objects.count() == 1


def test_without_a_storage_nothing_happens(till: Till, settings) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    move_to(china_today() + timedelta(days=1), "10:16")
    assert reconcile_due() is False
    assert days() == {}


def test_a_provider_has_one_bill_for_all_its_merchants(till_of: Callable[[str], Till]) -> None:
    till = aged(till_of("wechat-partner"))
    payment = till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    assert days()[f"{paid_on}"].totals["CNY"]["paid"] == payment.paid_amount
    assert not Difference.objects.exists()


def test_fund_bills_are_fetched_where_they_are_wanted(till: Till, settings) -> None:
    settings.SCANFORPAY_FUND_BILLS = True
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:16")
    while reconcile_due():
        continue
    found = BillDay.objects.filter(day=paid_on).values_list("bill_type", "state")
    assert dict(found) == {
        "trade": "compared",
        "fund": "compared",
        "fund_operation": "none",
        "fund_fees": "none",
    }


def test_a_broken_bill_that_is_not_fetched_again_is_asked_for_later(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    BillFile.objects.update(state=BillFile.State.BROKEN)
    BillDay.objects.update(state=BillDay.State.BROKEN, next_at=clock.now())
    WalletAccount.objects.update(secrets_ciphertext="")
    for evening in ("10:20", "20:10"):
        move_to(paid_on + timedelta(days=1), evening)
        reconcile_due()
        day = days()[f"{paid_on}"]
        assert day.next_at > clock.now()
        assert (day.state, day.error != "") == ("broken", True)
        BillDay.objects.update(next_at=clock.now(), error="")


def test_a_day_is_not_given_up_while_its_accounts_credentials_do_not_read(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "09:00")
    reconcile_due()
    account = WalletAccount.objects.get(pk=till.account.pk)
    WalletAccount.objects.update(wallet="Gone")
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    WalletAccount.objects.update(wallet=account.wallet)
    moved_clock.forward(timedelta(hours=3, minutes=1))
    reconcile_due()
    assert days()[f"{paid_on}"].state == "compared"


def test_a_large_file_that_staff_bring_is_compared_by_the_worker(till_of: Callable[[str], Till]) -> None:
    till = aged(till_of("alipay-hk"))
    day = china_today()
    of = BillOf(account=till.account, bill_type="settlement", first_day=day, last_day=day)
    schedule_file(import_bill(of, io.BytesIO(HONG_KONG.raw), by="ann"))
    reconcile_due()
    assert (days()[f"{day}"].state, days()[f"{day}"].next_at is None) == ("compared", False)
    assert not Difference.objects.filter(kind="bill_late").exists()


def test_a_day_without_payments_is_settled_where_staff_bring_the_files(
    till_of: Callable[[str], Till],
) -> None:
    aged(till_of("alipay-hk"))
    quiet = china_today()
    move_to(quiet + timedelta(days=5), "10:16")
    reconcile_due()
    day = days()[f"{quiet}"]
    assert (day.state, day.next_at) == ("none", None)


@pytest.mark.sqlite
def test_a_day_that_the_database_refuses_does_not_keep_the_others(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:04")
    reconcile_due()
    refused = BillDay.objects.earliest("day")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER refusal BEFORE UPDATE OF compared_at ON {BillDay._meta.db_table} "
            f"WHEN NEW.id = {refused.pk} AND NEW.compared_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    try:
        move_to(paid_on + timedelta(days=1), "10:16")
        BillDay.objects.filter(pk=refused.pk).update(next_at=clock.now() - timedelta(hours=1))
        reconcile_due()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refusal")
    assert days()[f"{paid_on}"].state == "compared"
    refused.refresh_from_db()
    assert (refused.next_at > clock.now(), "IntegrityError" in refused.error) == (True, True)


def test_a_bill_whose_totals_are_wrong_is_fetched_again_for_staff(till: Till) -> None:
    till.paid()
    paid_on = china_today()
    move_to(paid_on + timedelta(days=1), "10:16")
    reconcile_due()
    day = days()[f"{paid_on}"]
    difference = Difference.objects.create(day=day, account=till.account, kind="bill_broken", number="1")
    carry_out(difference, BY_SWEEP)
    reconcile_due()
    again = days()[f"{paid_on}"]
    assert (again.ask_count, again.state) == (day.ask_count + 1, "compared")
    difference.refresh_from_db()
    assert difference.closed_at is not None
