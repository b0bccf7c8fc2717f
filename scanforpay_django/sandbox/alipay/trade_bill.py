"""The file of Alipay's trade bill, and the sums beside it."""

from collections.abc import Mapping, Sequence

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.bill_edits import Columns, Line, add_up
from scanforpay_django.sandbox.bill_rows import MoneyBack
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import find_fee, two_decimals
from scanforpay_django.sandbox.models import Trade

from .trade import LOGON_ID

HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_HEAD = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）"
WORD, AMOUNT, RECEIVED, DISCOUNT = "业务类型", "订单金额（元）", "商家实收（元）", "商家优惠（元）"
PAID, BACK = "交易", "退款"
TOTALS = ("交易合计", "退款合计")
COLUMNS = Columns(
    head=tuple(HEAD.split(",")),
    totals=TOTALS,
    number="商户订单号",
    refund_number="退款批次号/请求号",
    fields={
        "amount": (AMOUNT, RECEIVED),
        "settled": (RECEIVED,),
        "coupon": (DISCOUNT,),
        "refund_amount": (AMOUNT, RECEIVED),
        "state": (WORD,),
        "payer": ("对方账户",),
        "fee": ("服务费（元）",),
        "number": ("商户订单号",),
        "trade_no": ("支付宝交易号",),
        "at": ("完成时间",),
    },
)
_AMOUNTS = (
    "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", DISCOUNT, "券核销金额（元）", "商家红包消费金额（元）",
    "卡消费金额（元）", "分润（元）",
)  # fmt: skip


def draw_trades(paid: Sequence[Trade], back: Sequence[MoneyBack]) -> list[Line]:
    """A line for each payment, then for each refund. The 退款 of a cancelled payment is one like others: which number
    it has is not published, and the order's own is taken.
    """
    return [*(_payment_line(trade) for trade in paid), *(_refund_line(one) for one in back)]


def add_trades(lines: Sequence[Line]) -> dict[str, str]:
    """The lines of totals: what stands before the colon, and behind it."""
    paid, back = ([line for line in lines if line[WORD] == word] for word in (PAID, BACK))
    return {
        "交易合计": f"{len(paid)}笔，商家实收共{add_up(paid, RECEIVED)}元，商家优惠共{add_up(paid, DISCOUNT)}元",
        "退款合计": f"{len(back)}笔，商家实收退款共{add_up(back, RECEIVED)}元，"
        f"商家优惠退款共{add_up(back, DISCOUNT)}元",
    }


def summarise_trades(lines: Sequence[Line]) -> list[str]:
    """The file beside it."""
    counts = [str(sum(line[WORD] == word for line in lines)) for word in (PAID, BACK)]
    cells = ["合计", "", *counts, add_up(lines, AMOUNT), add_up(lines, RECEIVED)]
    return ["#支付宝业务汇总查询", SUMMARY_HEAD, join_cells(cells)]


def _payment_line(trade: Trade) -> Line:
    settled = coupons.find_settled(trade)
    merchants = trade.amount - settled
    return _order_cells(trade) | {
        WORD: PAID,
        "创建时间": wall_clock(trade.created_at),
        "完成时间": wall_clock(trade.paid_at) if trade.paid_at else "",
        AMOUNT: to_major(trade.amount, "CNY"),
        RECEIVED: to_major(settled, "CNY"),
        "支付宝优惠（元）": to_major(trade.coupon - merchants, "CNY"),
        DISCOUNT: to_major(merchants, "CNY"),
        # taken is negative
        "服务费（元）": two_decimals(-find_fee(settled)),
    }


def _refund_line(one: MoneyBack) -> Line:
    merchants = one.amount - one.settled
    return _order_cells(one.trade) | {
        WORD: BACK,
        "创建时间": wall_clock(one.asked_at),
        "完成时间": wall_clock(one.done_at) if one.done_at else "",
        AMOUNT: two_decimals(-one.amount),
        RECEIVED: two_decimals(-one.settled),
        "支付宝优惠（元）": two_decimals(merchants - one.coupon),
        DISCOUNT: two_decimals(-merchants),
        "退款批次号/请求号": one.number,
        "服务费（元）": two_decimals(find_fee(one.settled)),
    }


def _order_cells(trade: Trade) -> Line:
    return dict.fromkeys(HEAD.split(","), "") | {
        "支付宝交易号": trade.trade_no,
        "商户订单号": trade.out_trade_no,
        "商品名称": trade.description.replace(",", " "),
        "对方账户": LOGON_ID,
        **dict.fromkeys(_AMOUNTS, "0.00"),
    }


def join_cells(values: Sequence[str] | Mapping[str, str]) -> str:
    """A line; each value is followed by a tab, so that spreadsheets keep long numbers."""
    cells = values.values() if isinstance(values, Mapping) else values
    return ",".join(f"{value}\t" for value in cells)
