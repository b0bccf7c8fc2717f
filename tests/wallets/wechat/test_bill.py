"""WeChat Pay's bill as it really is, where it differs from its documents."""

import pytest

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.wechat import bill as wechat_bill

pytestmark = pytest.mark.sqlite

WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)


def wechat_line(title: str = "Tea", state: str = "SUCCESS") -> str:
    values = [
        "2026-11-01 10:00:00",
        "wx",
        "1",
        "",
        "",
        "42",
        "N1",
        "o",
        "JSAPI",
        state,
        "OTHERS",
        "CNY",
        "21.00",
    ]
    values += ["0.00", "0", "0", "0.00", "0.00", "", "", title, "", "0.12600", "0.60%", "21.00", "0.00", ""]
    return ",".join(f"`{value}" for value in values)


def wechat_bill_of(*lines: str) -> str:
    return "\ufeff" + "\r\n".join([WECHAT_HEAD, *lines, "总交易单数,应结订单总金额", "`1,`21.00"])


def test_a_comma_in_a_title_is_part_of_the_title() -> None:
    [line] = wechat_bill.parse_wechat_bill(wechat_bill_of(wechat_line('Tea, "large"')))
    assert (line.amount, line.raw["商品名称"]) == (2100, 'Tea, "large"')


def test_a_reversed_barcode_payment_counts_once() -> None:
    lines = wechat_bill.parse_wechat_bill(wechat_bill_of(wechat_line(), wechat_line(state="REVOKED")))
    assert [line.kind for line in lines] == ["payment", "refund"]


@pytest.mark.parametrize(
    "text", ["a,b\r\n`1,`2\r\n总交易单数,x\r\n`1,`2", WECHAT_HEAD + "\r\n" + wechat_line()]
)
def test_a_foreign_or_cut_bill_is_refused(text: str) -> None:
    with pytest.raises(PlatformError):
        wechat_bill.parse_wechat_bill(text)
