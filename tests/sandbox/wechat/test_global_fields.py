"""The tables of WeChat Pay HK."""

import pytest

from scanforpay_django.sandbox.wechat import global_fields
from tests.sandbox.wechat.test_fields import all_rules

TABLES = [
    *global_fields.ORDERS.values(), *global_fields.INSTITUTION_ORDERS.values(), global_fields.REFUNDS,
    global_fields.INSTITUTION_REFUNDS,
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_each_field_has_the_platforms_word_and_each_table_its_page(table):
    assert table.source.startswith("https://pay.weixin.qq.com/wiki/doc/api_external/")
    assert [path for path, rule in all_rules(table.fields) if not rule.label] == []


@pytest.mark.parametrize("product", ["jsapi", "native", "app"])
def test_only_mweb_wants_a_store(product):
    assert not global_fields.ORDERS[product].fields["scene_info"].required
    mweb = global_fields.ORDERS["h5"].fields["scene_info"]
    assert mweb.required
    assert mweb.shape["store_info"].required


@pytest.mark.parametrize("field", ["settle_info", "support_fapiao"])
def test_what_the_mainland_alone_has_is_not_taken(field):
    assert field not in global_fields.ORDERS["jsapi"].fields


def test_a_refund_names_the_app_and_who_collects():
    required = {name for name, rule in global_fields.INSTITUTION_REFUNDS.fields.items() if rule.required}
    assert {"sp_appid", "sp_mchid", "sub_mchid", "out_refund_no", "amount"} <= required
    assert {"appid", "mchid"} <= {
        name for name, rule in global_fields.REFUNDS.fields.items() if rule.required
    }
