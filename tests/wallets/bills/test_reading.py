"""Whole bills: files that others published, redrawn; cut ones; archives of several."""

import pytest

from tests.wallets.bills.samples import (
    ALIPAY,
    ALIPAY_TRADE,
    BATCHES,
    SAMPLES,
    Sample,
    alipay_file,
    alipay_line,
    read,
    read_sample,
    text,
    trade_totals,
    zipped,
)

pytestmark = pytest.mark.sqlite

SUMMARY = text(
    "#支付宝业务汇总查询",
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）",
    "合计\t,\t,2\t,1\t,7.30\t",
    encoding="gbk",
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_published_file_is_read_and_meets_its_own_totals(sample: Sample) -> None:
    found = read_sample(sample)
    assert found.problems == []
    assert found.sums() == sample.sums
    assert found.summary.is_whole is sample.is_whole
    assert found.summary.line_count == len(found.lines)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_bill_of_another_day_says_so(sample: Sample) -> None:
    other = sample.expected.__class__(
        first_day=sample.day.replace(year=2001), last_day=sample.day.replace(year=2001)
    )
    found = read(sample.raw, sample.type, other)
    assert set(found.codes()) == {"day"}
    assert len(found.lines) == len(read_sample(sample).lines)


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.party], ids=lambda sample: sample.name)
def test_a_bill_of_another_merchant_says_so(sample: Sample) -> None:
    other = sample.expected.__class__(
        first_day=sample.day, last_day=sample.day, parties=frozenset({"2088000000000000"})
    )
    found = read(sample.raw, sample.type, other)
    assert set(found.codes()) == {"party"}
    assert sample.party in {problem.stated for problem in found.problems}


def test_all_files_of_an_archive_are_read() -> None:
    one = alipay_file(alipay_line(1, "5.01"), totals=trade_totals(1, "5.01", 0, "0.00"))
    other = alipay_file(alipay_line(2, "2.29"), totals=trade_totals(1, "2.29", 0, "0.00"))
    found = read(zipped(one__csv=one, two__csv=other, sums__csv=SUMMARY), ALIPAY_TRADE, ALIPAY.expected)
    assert found.sums() == {("payment", "CNY"): (2, 730, 0)}
    assert [line.part for line in found.lines] == [0, 1]
    assert (found.problems, found.summary.is_whole) == ([], True)
    assert found.summary.totals["汇总 订单金额（元）"] == "7.30"


def test_a_file_that_is_not_known_makes_the_archive_doubtful() -> None:
    packed = zipped(one__csv=ALIPAY.raw, two__csv=text("a,b", "1,2"))
    found = read(packed, ALIPAY_TRADE, ALIPAY.expected)
    assert (found.codes(), found.summary.is_whole) == (["head_unknown"], False)
    assert found.sums() == ALIPAY.sums


def test_sums_alone_are_no_bill() -> None:
    assert read(SUMMARY, ALIPAY_TRADE, ALIPAY.expected).summary.is_whole is False


def test_batches_that_do_not_meet_their_files_say_so() -> None:
    packed = zipped(
        batch__csv=text("Settle_batch_no,Settle_date,Amount,Fee,Settlement,Currency", "1,x,1,0,1,HKD")
    )
    found = read(packed, BATCHES.type, BATCHES.expected)
    assert found.codes() == ["total_differs"]
    assert found.summary.is_whole is False


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"a,b\n1,2\n", b"\xff\xff\xff\n", "交易时间,商户号\r\n".encode()]
)
@pytest.mark.parametrize("sample", [SAMPLES[0], ALIPAY, SAMPLES[-1]], ids=lambda sample: sample.name)
def test_a_file_of_another_kind_is_no_bill(raw: bytes, sample: Sample) -> None:
    found = read(raw, sample.type, sample.expected)
    assert (found.codes(), found.lines, found.summary.is_whole) == (["head_unknown"], [], False)
