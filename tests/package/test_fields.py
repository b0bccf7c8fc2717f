"""Columns that mean the same on every database; tests/models/test_uniqueness.py asks the databases."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, read_moment, true_or_null
from scanforpay_django.models import Order, Partner, WalletAccount
from tests.merchant import Merchant

#: two of them are 01:30 in New York, in the night when summer time ends there
MOMENTS = [
    datetime(2026, 11, 1, 5, 30, 0, 123456, UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    datetime(2026, 7, 1, 0, 0, tzinfo=UTC),
]
PROJECTS = [(True, "Asia/Shanghai"), (False, "Asia/Shanghai"), (False, "America/New_York")]
each_project = pytest.mark.parametrize(("use_tz", "zone"), PROJECTS)


def become(settings: Any, use_tz: bool, zone: str) -> None:
    settings.USE_TZ, settings.TIME_ZONE = use_tz, zone


@pytest.mark.parametrize(
    ("is_mariadb", "collation"), [(True, "utf8mb4_nopad_bin"), (False, "utf8mb4_0900_bin")]
)
def test_mysql_and_mariadb_compare_numbers_byte_for_byte(is_mariadb: bool, collation: str) -> None:
    field = Order._meta.get_field("order_no")
    assert isinstance(field, ExactCharField)
    vendor = SimpleNamespace(vendor="mysql", mysql_is_mariadb=is_mariadb, ops=connection.ops)
    vendor.data_types = connection.data_types
    vendor.data_type_check_constraints = connection.data_type_check_constraints
    assert field.db_parameters(vendor)["collation"] == collation


@pytest.mark.django_db
def test_a_search_finds_both_cases_and_a_comparison_one() -> None:
    Partner.objects.create(partner_no="Tea", name="Tea house")
    assert Partner.objects.filter(partner_no__icontains="tea").exists()
    assert not Partner.objects.filter(partner_no="tea").exists()


def test_a_condition_is_kept_by_the_database_itself() -> None:
    field = true_or_null(models.Q(kind="paid"))
    assert (field.db_persist, field.null) == (True, True)


@pytest.mark.django_db
@each_project
def test_a_moment_is_the_same_in_every_project(settings: Any, use_tz: bool, zone: str) -> None:
    partner = Partner.objects.create(partner_no="1", name="Tea house")
    for moment in MOMENTS:
        become(settings, use_tz, zone)
        Partner.objects.update(created_at=moment)
        stored = Partner.objects.filter(created_at=moment, created_at__lt=moment + timedelta(microseconds=1))
        read = stored.get().created_at
        assert read == moment
        assert read.utcoffset() == (moment if use_tz else moment.astimezone(ZoneInfo(zone))).utcoffset()
        assert Partner.objects.aggregate(last=models.Max("created_at"))["last"] == moment
        for other in PROJECTS:
            become(settings, *other)
            partner.refresh_from_db()
            assert partner.created_at == moment


@pytest.mark.django_db
def test_databases_hold_utc_whatever_their_time_zone_is(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "TIME_ZONE", "America/New_York")
    for use_tz in (True, False):
        become(settings, use_tz, "Asia/Shanghai")
        Partner.objects.all().delete()
        Partner.objects.create(partner_no="1", name="Tea house", created_at=MOMENTS[0])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT created_at FROM {Partner._meta.db_table}")
            stored = cursor.fetchone()[0]
        assert read_moment(stored, connection) == MOMENTS[0]
        if not connection.features.supports_timezones:
            assert str(stored).startswith("2026-11-01 05:30:00.123456")
        # PostgreSQL gives it in its session's zone, in which that hour comes twice: such never equals one in UTC.
        assert Partner.objects.get().created_at.timestamp() == MOMENTS[0].timestamp()


@each_project
def test_a_naive_moment_is_in_the_projects_zone(settings: Any, use_tz: bool, zone: str) -> None:
    become(settings, use_tz, zone)
    field, naive = MomentField("at"), datetime(2026, 7, 1, 12, 0)
    if use_tz:
        with pytest.warns(RuntimeWarning, match="received a naive datetime"):
            moment = field.get_prep_value(naive)
    else:
        moment = field.get_prep_value(naive)
        assert field.clean("2026-07-01 12:00", None) == moment
    assert moment == naive.replace(tzinfo=ZoneInfo(zone))


@pytest.mark.django_db
@each_project
def test_what_is_kept_by_the_row_itself_is_aware(
    settings: Any, use_tz: bool, zone: str, merchant: Merchant
) -> None:
    become(settings, use_tz, zone)
    account = WalletAccount.objects.first()
    account.save()
    assert timezone.is_aware(account.updated_at)
    assert clock.now() - account.updated_at < timedelta(minutes=1)


@each_project
def test_a_form_offers_the_present_moment_of_the_projects_zone(
    settings: Any, use_tz: bool, zone: str
) -> None:
    become(settings, use_tz, zone)
    field = MomentField(default=lambda: MOMENTS[0]).formfield()
    shown = field.prepare_value(field.initial() if callable(field.initial) else field.initial)
    assert f"{shown:%d %H:%M}" == f"{MOMENTS[0].astimezone(ZoneInfo(zone)):%d %H:%M}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("app", "number"), [("scanforpay", "0010"), ("scanforpay_sandbox", "0003")])
def test_existing_columns_are_left_alone(app: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sqlmigrate", app, number)
    statements = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith("--")]
    assert statements in ([], ["BEGIN;", "COMMIT;"])
