"""The tables of what each call of API v3 takes."""

import pytest

from scanforpay_django.sandbox.wechat import fields, refund_body

TABLES = [
    *fields.ORDERS.values(), *fields.PARTNER_ORDERS.values(), fields.CLOSE, fields.PARTNER_CLOSE, fields.REVERSE,
    fields.PARTNER_REVERSE, refund_body.TABLE, refund_body.PARTNER_TABLE,
]  # fmt: skip


def all_rules(shape, where=""):
    for name, rule in shape.items():
        yield f"{where}/{name}", rule
        yield from all_rules(rule.shape or rule.items or {}, f"{where}/{name}")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.source.rpartition("/")[2])
def test_each_field_has_the_platforms_word_and_each_table_its_page(table):
    assert table.source.startswith("https://pay.weixin.qq.com/")
    assert [path for path, rule in all_rules(table.fields) if not rule.label] == []


@pytest.mark.parametrize("product", ["jsapi", "native", "app", "h5"])
def test_a_payment_may_be_limited_where_the_customer_pays_alone(product):
    assert "limit_pay" in fields.ORDERS[product].fields
    assert "limit_pay" in fields.PARTNER_ORDERS[product].fields


def test_the_till_has_no_limit_no_notification_and_goods_of_its_own():
    at_till = fields.ORDERS["codepay"].fields
    assert {"limit_pay", "notify_url", "time_expire"} & set(at_till) == set()
    assert "wxpay_goods_id" in at_till["detail"].shape["goods_detail"].items


@pytest.mark.parametrize(
    ("product", "field"), [("jsapi", "payer"), ("h5", "scene_info"), ("codepay", "payer")]
)
def test_what_a_product_cannot_do_without(product, field):
    assert fields.ORDERS[product].fields[field].required


@pytest.mark.parametrize("value", ["2018-06-08T10:34:56+08:00", "2018-06-08T02:34:56Z"])
def test_a_time_is_rfc_3339(value):
    assert fields.is_time(value)


@pytest.mark.parametrize("value", ["2018-06-08 10:34:56", "2018-06-08T10:34:56", "2018-13-08T10:34:56Z", ""])
def test_another_time_is_none(value):
    assert not fields.is_time(value)
