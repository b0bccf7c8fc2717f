"""A merchant that fetches bills at an hour of its choice, and reads them as the books do."""

import csv
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scanforpay_django import clock
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.sandbox.bill_days import today
from scanforpay_django.sandbox.clock import BEIJING
from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.bills.values import Expected
from tests.sandbox.families import Direct, FullAlipay, HongKong
from tests.wallets.bills.samples import ALIPAY_TRADE, STATEMENT, TRADE, Read, read

ALIPAY_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
BARCODE, ALIPAY_BARCODE = "134567890123456789", "2812345678901234"


def forward_to(hour: int, minute: int = 0, *, day: date | None = None) -> date:
    """Put the clock forward to this time in Beijing, of ``day`` or the next one that comes; the day that it is then."""
    wanted = datetime(2000, 1, 1, hour, minute).time()
    moment = datetime.combine(day or today(), wanted, BEIJING)
    if day is None and moment <= clock.now():
        moment += timedelta(days=1)
    moved_clock.forward(moment - clock.now())
    return today()


def forward_until_published(day: date) -> None:
    """A minute past ten of the next day."""
    forward_to(10, 1, day=day + timedelta(days=1))


@dataclass(frozen=True)
class Bill:
    """A file as it came: values by the names of the columns, and what the books make of it."""

    lines: Sequence[Mapping[str, str]]
    totals: Mapping[str, str]
    read: Read

    @property
    def is_clean(self) -> bool:
        """Whether all of it was read, and everything in it agrees."""
        return self.read.summary.is_whole is not False and not self.read.problems


def ask_wechat(direct: Direct, day: date, path: str = "tradebill", **query: str) -> Any:
    """The answer to a request for a bill."""
    given = "&".join(f"{name}={value}" for name, value in {"bill_date": day.isoformat(), **query}.items())
    return direct.call("GET", f"/v3/bill/{path}?{given}")


def code_of_wechat(direct: Direct, day: date, path: str = "tradebill") -> str:
    """Why there is no bill, "" where there is one."""
    return str(ask_wechat(direct, day, path).json().get("code", ""))


def fetch_wechat(direct: Direct, day: date, **query: str) -> Bill:
    """A trade bill."""
    answer = ask_wechat(direct, day, tar_type="GZIP", **query)
    assert answer.status_code == 200, answer.content.decode()
    url = urlsplit(answer.json()["download_url"])
    target = f"{url.path}?{url.query}".removeprefix(direct.prefix)
    raw = gzip.decompress(direct.call("GET", target, headers={"Accept": "*/*"}).content)
    *rows, totals_head, totals = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    return Bill(
        _named(rows), _named([totals_head, totals])[0], _read(raw, TRADE, day, direct.config["mchid"])
    )


def fetch_statement(merchant: HongKong, day: date) -> Any:
    """The answer to a request for a global statement."""
    return merchant.call("GET", f"/v3/global/statements?date={day:%Y%m%d}&mchid={merchant.config['mchid']}")


def read_statement(merchant: HongKong, day: date) -> Bill:
    """A global statement."""
    answer = fetch_statement(merchant, day)
    assert answer.status_code == 200, answer.content.decode()
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    return Bill(_named(rows), {}, _read(answer.content, STATEMENT, day, merchant.config["mchid"]))


def ask_alipay(alipay: FullAlipay, day: date | str, bill_type: str = "trade") -> dict[str, str]:
    """The answer to a request for a bill."""
    told, _ = alipay.ask(ALIPAY_METHOD, {"bill_type": bill_type, "bill_date": str(day)})
    return dict(told)


def fetch_alipay(alipay: FullAlipay, day: date) -> Bill:
    """A trade bill."""
    raw = alipay.client.get(ask_alipay(alipay, day)["bill_download_url"]).content
    box = zipfile.ZipFile(io.BytesIO(raw))
    [name] = [name for name in box.namelist() if "汇总" not in name]
    text = box.read(name).decode("gbk").splitlines()
    rows = list(csv.reader(line for line in text if not line.startswith("#")))
    totals = dict(line[1:].split("：", 1) for line in text if line.startswith("#") and "合计" in line)
    return Bill(_named(rows), totals, _read(raw, ALIPAY_TRADE, day, alipay.config["seller_id"]))


def _named(rows: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    head, *lines = rows
    values = [[value.removeprefix("`").strip() for value in line] for line in lines]
    # A file that was cut may end in the middle of a line.
    return [dict(zip(head, line, strict=False)) for line in values]


def _read(raw: bytes, kind: BillType, day: date, party: str) -> Read:
    return read(raw, kind, Expected(first_day=day, last_day=day, parties=frozenset({party})))


def pay_wechat(direct: Direct, **changed: Any) -> str:
    """A barcode payment; the merchant's number of it."""
    body = direct.barcode_body(BARCODE, **changed)
    assert direct.post("codepay", body).json()["trade_state"] == "SUCCESS"
    return str(body["out_trade_no"])


def pay_alipay(alipay: FullAlipay) -> str:
    """The same at Alipay."""
    body = alipay.trade(scene="bar_code", auth_code=ALIPAY_BARCODE, time_expire=None)
    assert alipay.say("pay", body)["code"] == "10000"
    return str(body["out_trade_no"])
