"""When a platform's bill of a day is there: days begin and end in Beijing, and the sandbox's clock is what counts."""

from datetime import date, datetime, time, timedelta

from scanforpay_django import clock

from .clock import BEIJING

Span = tuple[datetime, datetime]

# WeChat Pay begins at 9:00 and says to take a bill from 10:00. Source: pay.weixin.qq.com/doc/v3/merchant/4013071254.
# Alipay's is there "before 9:00, may be late". Source: opendocs.alipay.com, bill.downloadurl.query.
NINE, TEN = time(9), time(10)


def today() -> date:
    """The day that it is in Beijing."""
    return clock.now().astimezone(BEIJING).date()


def at(day: date, hour: time) -> datetime:
    """A moment of a day in Beijing."""
    return datetime.combine(day, hour, BEIJING)


def next_day(day: date, hour: time) -> datetime:
    """A moment of the day after."""
    return at(day + timedelta(days=1), hour)


def day_span(day: date) -> Span:
    """The first moment of the day, and of the next one."""
    return at(day, time.min), next_day(day, time.min)


def made_at(day: date) -> datetime:
    """When WeChat Pay draws up the bill of the day: what happens later is not in it, whenever it is taken."""
    return next_day(day, NINE)
