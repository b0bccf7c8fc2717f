"""docs/sandbox-clients.md holds a row for each client and mode, and none besides."""

import pytest

from tests.sandbox.sdks import test_alipay_clients, test_wechat_clients
from tests.sandbox.sdks.matrix import ALIPAY, HAS_NONE, WECHAT, WORKS, Row, tables
from tests.sandbox.sdks.table import SDKS

TABLES = [(WECHAT, test_wechat_clients.RUNS), (ALIPAY, test_alipay_clients.RUNS)]


@pytest.mark.parametrize(("columns", "runs"), TABLES, ids=["WeChat Pay", "Alipay"])
def test_each_run_has_its_row_with_the_version_that_ran(columns, runs):
    begins = [Row(sdk=sdk, mode=mode).start for sdk, mode in runs]
    rows = tables()[columns]
    assert [next((one for one in begins if row.startswith(one)), row) for row in rows] == begins


def test_a_cell_says_that_it_works_or_that_there_is_no_such_call():
    cells = [cell.strip() for rows in tables().values() for row in rows for cell in row.split("|")[3:-1]]
    assert set(cells) <= {WORKS, HAS_NONE}
    assert cells.count(WORKS) >= 60


def test_every_client_is_in_the_page():
    assert {row.split("|")[1].split()[0] for rows in tables().values() for row in rows} == {
        sdk.name for sdk in SDKS
    }
    assert len(SDKS) >= 5


def test_ci_runs_those_that_take_two_minutes():
    assert [sdk.name for sdk in SDKS if sdk.in_ci] == ["wechatpayv3", "wechatpay-axios-plugin", "alipay-sdk"]
