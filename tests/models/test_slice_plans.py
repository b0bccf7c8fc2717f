"""PostgreSQL's plans for a slice of an audit."""

import re

import pytest
from django.db import connection

from scanforpay_django.models.slice_plans import slice_plans
from scanforpay_django.operations.audit import ALL_CHECKS
from scanforpay_django.operations.audit.extent import LARGE
from tests.large_tables import fill, make_template

WHOLE_TABLE = re.compile(r"Seq Scan on (scanforpay_\w+)")
SMALL = {"scanforpay_store", "scanforpay_partner", "scanforpay_walletaccount", "scanforpay_restoremark"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_check_of_a_slice_reads_a_whole_table() -> None:
    rows = make_template(1)
    fill(rows, 10_000, "1")
    with connection.cursor() as cursor:
        for check in (check for check in ALL_CHECKS if check.rows.model in LARGE):
            for narrowed in (
                check.rows.filter(pk__gt=rows["order"].pk, pk__lte=rows["order"].pk + 100),
                check.rows.filter(**{f"{LARGE[check.rows.model].order_path}__in": [rows["order"].pk, 7]}),
            ):
                with slice_plans():
                    plan = check.find(narrowed).order_by().values_list("pk")[:1000].explain()
                assert set(WHOLE_TABLE.findall(plan)) <= SMALL, f"{check.code}\n{plan}"
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)
