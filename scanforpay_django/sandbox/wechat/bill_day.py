"""Which days WeChat Pay has a bill of."""

from datetime import date

from scanforpay_django import clock
from scanforpay_django.sandbox.bill_days import TEN, next_day, today
from scanforpay_django.sandbox.bill_edits import find_late_until
from scanforpay_django.sandbox.models import Merchant

from .errors import ApiError

# "Within three months"; how these are counted is not said. Source: pay.weixin.qq.com/doc/v3/merchant/4013071227.
KEPT_DAYS = 90
# Source: pay.weixin.qq.com/doc/global/v3/zh/4012354484.
KEPT_DAYS_GLOBAL = 180


def check_day(merchant: Merchant, kind: str, day: date, kept_days: int) -> None:
    """Raises ApiError for a day whose bill cannot be taken yet, or no longer. Whether anything happened on it is
    another question. No document gives the code for a day to come and for one too long ago: PARAM_ERROR is general.
    """
    age = (today() - day).days
    if not 0 <= age <= kept_days:
        raise ApiError(
            "PARAM_ERROR", "账单日期不在可下载的范围内", {"field": "bill_date", "value": day.isoformat()}
        )
    if clock.now() < next_day(day, TEN) or find_late_until(merchant, kind, day):
        raise ApiError("STATEMENT_CREATING", "账单生成中，请稍后再试")


def no_bill() -> ApiError:
    """The refusal of a day on which nothing happened, which is final."""
    return ApiError("NO_STATEMENT_EXIST", "账单文件不存在")
