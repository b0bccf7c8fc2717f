"""Columns that mean the same on every database; tests/models/test_uniqueness.py asks the databases."""

from types import SimpleNamespace

import pytest
from django.db import connection, models

from scanforpay_django.fields import ExactCharField, true_or_null
from scanforpay_django.models import Order, Partner


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
