"""Fetching Alipay's bills.

Source: opendocs.alipay.com, alipay.data.dataservice.bill.downloadurl.query; the codes of a missing bill also at
open.alitrip.com 104674.
"""

from datetime import date
from typing import IO

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.alipay.client import AlipayClient
from scanforpay_django.wallets.bills.bill_type import FetchedBill

_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_MISSING_CODES = {"isp.bill_not_exist", "isp.bill-not-exist", "bill_not_exist"}


def fetch_bill(client: AlipayClient, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
    """Ready the next day at about 9:00 in Beijing. Before that the platform's answer is the same as for a day without
    trades: None. Raises PlatformError.
    """
    try:
        found = client.call(_METHOD, content={"bill_type": bill_type, "bill_date": day.isoformat()})
    except PlatformError as error:
        if error.platform_code.lower() in _MISSING_CODES:
            return None
        raise
    client.download(str(found.get("bill_download_url", "")), into)
    return FetchedBill()
