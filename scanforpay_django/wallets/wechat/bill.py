"""The types of WeChat Pay's bills: how each is asked for is in ``bill_download``, how it is read here."""

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.bills.reading import BillShape
from scanforpay_django.wallets.wechat.fund_bill import FundBillReader
from scanforpay_django.wallets.wechat.statement import StatementReader
from scanforpay_django.wallets.wechat.trade_bill import TradeBillReader

TRADE, STATEMENT = "trade", "statement"
#: name of a type -> the account whose movements it has
FUND_ACCOUNTS = {"fund": "BASIC", "fund_operation": "OPERATION", "fund_fees": "FEES"}
_FUND_LABELS = {
    "fund": _("Fund bill, basic account"),
    "fund_operation": _("Fund bill, operation account"),
    "fund_fees": _("Fund bill, fee account"),
}

# Kept three months, a global one 180 days; made from 9:00, to be taken from 10:00 of the next day (ready_at), and to be
# asked for again every half hour while they are made. Source:
# pay.weixin.qq.com/doc/v3/merchant/4013071254, and /doc/global/v3/zh/4012354484.
WECHAT_BILL_TYPES = {
    TRADE: BillType(
        name=TRADE,
        label=_("Trade bill"),
        shape=BillShape(readers=(TradeBillReader,)),
        kept_days=90,
        is_fetched=True,
    ),
} | {
    name: BillType(
        name=name,
        label=_FUND_LABELS[name],
        shape=BillShape(readers=(FundBillReader,)),
        kept_days=90,
        is_fetched=True,
    )
    for name in FUND_ACCOUNTS
}
WECHAT_GLOBAL_BILL_TYPES = {
    STATEMENT: BillType(
        name=STATEMENT,
        label=_("Statement"),
        shape=BillShape(readers=(StatementReader, TradeBillReader)),
        kept_days=180,
        is_fetched=True,
    )
}
