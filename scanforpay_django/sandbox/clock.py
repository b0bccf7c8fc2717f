"""Beijing time, which both platforms speak wherever they run."""

from datetime import datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def rfc3339(moment: datetime) -> str:
    """As WeChat writes it: 2018-06-08T10:34:56+08:00."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def wall_clock(moment: datetime) -> str:
    """As Alipay writes it: 2018-06-08 10:34:56."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def read_wall_clock(text: str) -> datetime:
    """Alipay's writing, aware. Raises ValueError for any other."""
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    if wall_clock(moment) != text:
        raise ValueError(f"not yyyy-MM-dd HH:mm:ss: {text!r}")
    return moment
