"""Alipay's bill as it really is, where it differs from its documents."""

import io
import zipfile

import pytest

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.alipay.bill import parse_alipay_bill, unpack

pytestmark = pytest.mark.sqlite

ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,"
    "订单金额（元）,服务费（元）,退款批次号/请求号"
)


def alipay_line(number: int, title: str) -> str:
    return f"t{number}\t,N{number}\t,交易\t,{title}\t,2026-11-01 10:00:00\t,2026-11-01 10:00:01\t,21.00\t,-0.13\t,\t"


def test_a_comma_in_a_title_is_part_of_the_title() -> None:
    text = "\r\n".join(
        ["#x", ALIPAY_HEAD, alipay_line(1, '"Tea'), alipay_line(2, "B, and C"), alipay_line(3, "D"), "#end"]
    )
    assert [line.raw["商品名称"] for line in parse_alipay_bill(text)] == ['"Tea', "B, and C", "D"]


def archive(compression: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as made:
        made.writestr("details.csv", ("#x\r\n" + "tea" * 300).encode("gb18030"))
    return packed.getvalue()


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_an_archive_with_any_byte_wrong_is_read_or_refused(compression: int) -> None:
    whole = archive(compression)
    assert unpack(whole).startswith("#x")
    for position in range(len(whole)):
        for byte in (0, 0xFF, whole[position] ^ 1):
            damaged = whole[:position] + bytes([byte]) + whole[position + 1 :]
            for packed in (damaged, whole[:position]):
                try:
                    unpack(packed)
                except PlatformError:
                    continue
