"""WeChat Pay's trade bill, as accountants download it."""

import csv
import gzip
import hashlib
import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from scanforpay_django import clock
from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.merchant import beijing_time

# A bill is out at any hour of the day after the next.
DAY = beijing_time(-2 * 86400)[:10]


@pytest.fixture
def day(direct):
    """A paid order and a partial refund of the day before yesterday."""
    body = direct.barcode_body("134567890123456789", description="tea, green", attach="a,b")
    direct.post("codepay", body)
    direct.refund(direct.refund_body(body["out_trade_no"], 100))
    _backdate()
    return body


def _backdate():
    moment = clock.now() - timedelta(days=2)
    Trade.objects.update(paid_at=moment, created_at=moment)
    Refund.objects.update(created_at=moment, finished_at=moment)


def bill(direct, **query):
    given = {"bill_date": DAY} | query
    text = "&".join(f"{name}={value}" for name, value in given.items())
    return direct.call("GET", f"/v3/bill/tradebill?{text}")


def fetch(direct, answer):
    url = urlsplit(answer.json()["download_url"])
    path = f"{url.path}?{url.query}".removeprefix(direct.prefix)
    return direct.call("GET", path, headers={"Accept": "*/*"})


def test_a_wechat_bill_is_fetched_and_hashed_unpacked(direct, day):
    answer = bill(direct, bill_type="ALL", tar_type="GZIP")
    direct.verify_answer(answer)
    file = fetch(direct, answer)
    assert not file.has_header("Wechatpay-Signature")
    raw = gzip.decompress(file.content)
    assert answer.json()["hash_type"] == "SHA1"
    assert hashlib.sha1(raw).hexdigest() == answer.json()["hash_value"]
    assert raw.startswith(b"\xef\xbb\xbf")
    head, paid, back, totals_head, totals = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert len(head) == len(paid) == len(back) == 27
    assert len(totals_head) == len(totals) == 7
    assert all(value.startswith("`") for value in paid + back + totals)
    told = {name: value[1:] for name, value in zip(head, paid, strict=True)}
    assert told["交易时间"].startswith(DAY)
    assert (told["商户订单号"], told["交易状态"], told["订单金额"]) == (
        day["out_trade_no"],
        "SUCCESS",
        "21.00",
    )
    assert told["商户号"] == direct.config["mchid"]
    refund = {name: value[1:] for name, value in zip(head, back, strict=True)}
    assert (refund["交易状态"], refund["退款金额"], refund["退款状态"]) == ("REFUND", "1.00", "SUCCESS")
    assert totals == ["`2", "`21.00", "`1.00", "`0.00", "`0.12000", "`21.00", "`1.00"]


@pytest.mark.parametrize(("kind", "rows"), [("SUCCESS", 1), ("REFUND", 1), ("ALL", 2)])
def test_a_wechat_bill_may_hold_one_kind_alone(direct, day, kind, rows):
    raw = fetch(direct, bill(direct, bill_type=kind)).content.decode("utf-8-sig")
    assert len(raw.strip().splitlines()) == rows + 3


def test_a_day_without_trades_has_no_bill_and_todays_is_in_the_making(direct):
    assert bill(direct).json()["code"] == "NO_STATEMENT_EXIST"
    assert bill(direct, bill_date=beijing_time()[:10]).json()["code"] == "STATEMENT_CREATING"


@pytest.mark.parametrize(
    "query", [{"bill_date": "2018"}, {"bill_type": "X"}, {"tar_type": "ZIP"}, {"x": "1"}]
)
def test_a_wrong_bill_query_is_refused(direct, day, query):
    assert bill(direct, **query).json()["code"] == "PARAM_ERROR"


def test_a_wechat_bills_address_is_signed_for_and_short_lived(client, direct, day):
    answer = bill(direct)
    url = answer.json()["download_url"]
    assert client.get(url).status_code in (400, 401)
    assert fetch(direct, answer).status_code == 200
    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        assert fetch(direct, answer).json()["code"] == "PARAM_ERROR"


def test_a_wechat_bill_is_its_merchants_own(client, direct, day):
    from scanforpay_django.sandbox.merchants import issue_wechat_credentials

    other = type(direct)(client, issue_wechat_credentials())
    assert fetch(other, bill(direct)).json()["code"] in ("NO_AUTH", "PARAM_ERROR")


def test_the_bill_call_meets_trouble_too(full_alipay, direct, day):
    faults.arm("http-429", operation="bill")
    assert direct.ask("nothing00000").status_code == 404
    assert bill(direct).status_code == 429
