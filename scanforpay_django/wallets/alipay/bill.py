"""The types of Alipay's bills."""

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.alipay.account_bill import AccountBillReader
from scanforpay_django.wallets.alipay.framed_reader import AccountSummaryReader, SummaryReader
from scanforpay_django.wallets.alipay.trade_bill import TradeBillReader
from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.bills.reading import BillShape

TRADE, ACCOUNT = "trade", "signcustomer"

# Ready before 9:00 of the next day and may be late; an older official note says 10:00, which is ready_at. The last six
# years. Source: alipay-sdk-java, its model of 2025-11-21; older pages say 30 months.
_KEPT_DAYS = 6 * 365
ALIPAY_BILL_TYPES = {
    TRADE: BillType(
        name=TRADE,
        label=_("Trade bill"),
        shape=BillShape(readers=(TradeBillReader, SummaryReader)),
        kept_days=_KEPT_DAYS,
        is_fetched=True,
    ),
    ACCOUNT: BillType(
        name=ACCOUNT,
        label=_("Bill of all movements"),
        shape=BillShape(readers=(AccountBillReader, AccountSummaryReader)),
        kept_days=_KEPT_DAYS,
        is_fetched=True,
    ),
}
