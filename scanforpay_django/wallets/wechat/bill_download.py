"""Fetching WeChat Pay's bills.

Source: pay.weixin.qq.com/doc/v3/merchant/4013071227 and 4013071235 (asking), 4013071238 (download), 4013071254 (when);
/doc/global/v3/zh/4012354484 (the statement).
"""

from datetime import date
from typing import IO, Any
from urllib.parse import urlencode

from scanforpay_django.exceptions import BillNotReady, PlatformError
from scanforpay_django.wallets.bills.bill_type import FetchedBill
from scanforpay_django.wallets.wechat.bill import FUND_ACCOUNTS, TRADE
from scanforpay_django.wallets.wechat.client import WeChatPayClient, normal
from scanforpay_django.wallets.wechat.party import Party

# A day without trades, or an account without movements, has no bill: that is final.
_MISSING_CODES = {"NOSTATEMENTEXIST"}
# From 9:00 on; to be asked again every half hour.
_CREATING_CODES = {"STATEMENTCREATING"}


def fetch_bill(client: WeChatPayClient, bill_type: str, day: date, into: IO[bytes]) -> FetchedBill | None:
    """The packed file; None for a day that has none. Raises BillNotReady, PlatformError."""
    # The hash that comes with the address is of the file before it is packed.
    asked: dict[str, Any] = {"bill_date": day.isoformat(), "tar_type": "GZIP"}
    if bill_type == TRADE:
        # sub_mchid is optional: without it a provider's bill has all of its merchants, also those that have none of
        # their own (小微商户). From the partner's page of this call; no provider's bill has been seen.
        path, asked = "tradebill", {**asked, "bill_type": "ALL"}
    else:
        path, asked = "fundflowbill", {**asked, "account_type": FUND_ACCOUNTS[bill_type]}
    try:
        found = client.call("GET", f"/v3/bill/{path}?{urlencode(asked)}")
        return client.download(found, into)
    except PlatformError as error:
        _check_missing(error)
        return None


def fetch_statement(client: WeChatPayClient, party: Party, day: date, into: IO[bytes]) -> FetchedBill | None:
    """The global statement, which is the answer itself."""
    asked = {"date": f"{day:%Y%m%d}", **party.merchant_fields()}
    try:
        return client.download_statement(f"/v3/global/statements?{urlencode(asked)}", into)
    except PlatformError as error:
        _check_missing(error)
        return None


def _check_missing(error: PlatformError) -> None:
    """Raises, unless the platform says that there is no bill."""
    code = normal(error.platform_code)
    if code in _CREATING_CODES:
        raise BillNotReady(str(error), platform_code=error.platform_code) from error
    if code not in _MISSING_CODES:
        raise error
