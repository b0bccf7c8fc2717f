"""WeChat Pay's trade bill: CSV, every value behind a back-tick, amounts in major units, two lines of totals."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scanforpay_django import money
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.values import BillLine

CHINA_STANDARD_TIME = ZoneInfo("Asia/Shanghai")
TOTALS_HEAD = "总交易单数"


def parse_wechat_bill(text: str) -> Sequence[BillLine]:
    """The lines of a trade bill (bill_type ALL). Raises PlatformError for one that does not read."""
    # Values stand behind back-ticks, not in quotes: a comma in a title is part of the title.
    rows = [_values(line) for line in text.lstrip("\ufeff").splitlines() if line.strip(" ,")]
    if not rows:
        return []
    names = rows[0]
    lines: list[BillLine] = []
    for row in rows[1:]:
        if row[0] == TOTALS_HEAD:
            return lines
        if len(row) != len(names):
            raise PlatformError("a line of the bill has another number of columns than its head")
        lines.append(_parse_line(dict(zip(names, row, strict=True))))
    raise PlatformError("the bill ends without its totals")


def _values(line: str) -> list[str]:
    parts = line.split(",`") if line.startswith("`") else line.split(",")
    return [part.strip().lstrip("`") for part in parts]


def _parse_line(row: dict[str, str]) -> BillLine:
    try:
        # REVOKED is a barcode payment that was reversed: its money was returned.
        is_back = row["交易状态"] in ("REFUND", "REVOKED")
        currency = row["货币种类"]
        amount = (row["申请退款金额"] or row["退款金额"]) if is_back else row["订单金额"]
        return BillLine(
            out_trade_no=row["商户订单号"],
            trade_no=row["微信订单号"],
            kind="refund" if is_back else "payment",
            amount=money.to_minor(amount, currency),
            currency=currency,
            out_refund_no=row["商户退款单号"] if is_back else "",
            # The fee is given with five decimals and may be handed back: a refund's is negative.
            fee=_parse_fee(row["手续费"], currency),
            at=datetime.fromisoformat(row["交易时间"]).replace(tzinfo=CHINA_STANDARD_TIME).astimezone(UTC),
            raw=row,
        )
    except (ValueError, KeyError) as error:
        raise PlatformError(f"a line of the bill does not read: {error}") from error


def _parse_fee(text: str, currency: str) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * money.round_to_minor(text.lstrip("-"), currency)
