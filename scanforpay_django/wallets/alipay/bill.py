"""Alipay's trade bill: a zip of GBK CSVs, the details framed by lines that begin with #, amounts in yuan."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

from scanforpay_django import money
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.alipay.client import BEIJING
from scanforpay_django.wallets.alipay.messages import CURRENCY
from scanforpay_django.wallets.platform_client import MAX_BILL_BYTES
from scanforpay_django.wallets.values import BillLine

# The archive holds the details and a summary; their names end so.
SUMMARY_MARK = "汇总"
TITLE_COLUMN = "商品名称"
# What zipfile raises for archives that are torn, encrypted or of another compression.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError,
)  # fmt: skip


def unpack(packed: bytes) -> str:
    """The details' text. Raises PlatformError."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for info in archive.infolist():
                # Names without the UTF-8 flag are GBK; zipfile reads them as CP437.
                name = (
                    info.filename
                    if info.flag_bits & 0x800
                    else info.filename.encode("cp437").decode("gbk", "replace")
                )
                if name.lower().endswith(".csv") and SUMMARY_MARK not in name:
                    if info.file_size > MAX_BILL_BYTES:
                        raise PlatformError("the bill is too large")
                    return archive.read(info).decode("gb18030")
    except UNREADABLE as error:
        raise PlatformError("the bill cannot be unpacked") from error
    raise PlatformError("the bill's archive has no details")


def parse_alipay_bill(text: str) -> Sequence[BillLine]:
    """The lines of a trade bill. Raises PlatformError for one that does not read."""
    rows = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")]
    if not rows:
        return []
    names = [name.strip() for name in rows[0].split(",")]
    return [_read_bill_line(_read_columns(names, row)) for row in rows[1:]]


def _read_columns(names: list[str], row: str) -> dict[str, str]:
    """The file quotes nothing: commas beyond the columns' number belong to the title. Raises PlatformError."""
    values = row.split(",")
    extra = len(values) - len(names)
    if extra < 0 or (extra and TITLE_COLUMN not in names):
        raise PlatformError("a line of the bill has another number of columns than its head")
    at = names.index(TITLE_COLUMN) if TITLE_COLUMN in names else 0
    values[at : at + extra + 1] = [",".join(values[at : at + extra + 1])]
    return {name: value.strip() for name, value in zip(names, values, strict=True)}


def _read_bill_line(row: dict[str, str]) -> BillLine:
    is_refund = row.get("业务类型") == "退款"
    try:
        return BillLine(
            out_trade_no=row["商户订单号"],
            trade_no=row["支付宝交易号"],
            kind="refund" if is_refund else "payment",
            amount=money.to_minor(row["订单金额（元）"].lstrip("-"), CURRENCY),
            currency=CURRENCY,
            out_refund_no=row.get("退款批次号/请求号", "") if is_refund else "",
            fee=_read_negative_fee(row.get("服务费（元）", "") or "0"),
            at=datetime.fromisoformat(row["完成时间"]).replace(tzinfo=BEIJING).astimezone(UTC),
            raw=row,
        )
    except (ValueError, KeyError) as error:
        raise PlatformError(f"a line of the bill does not read: {error}") from error


def _read_negative_fee(text: str) -> int:
    """What Alipay took: the bill writes it as a negative number."""
    return (1 if text.startswith("-") else -1) * money.round_to_minor(text.lstrip("-"), CURRENCY)
