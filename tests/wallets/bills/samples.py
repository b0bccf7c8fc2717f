"""Bills redrawn from files that others published: the same columns, words, ends and oddities, with values of our own.

``source`` is the number of the file in a public index of repositories, or the address of the platform's page.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scanforpay_django.wallets.alipay.bill import ALIPAY_BILL_TYPES
from scanforpay_django.wallets.alipay_cross_border.settlement import SETTLEMENT_BILL_TYPES
from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.bills.reading import BillReading
from scanforpay_django.wallets.bills.values import BillLine, BillProblem, BillSummary, Expected
from scanforpay_django.wallets.wechat.bill import WECHAT_BILL_TYPES, WECHAT_GLOBAL_BILL_TYPES

TRADE = WECHAT_BILL_TYPES["trade"]
FUND = WECHAT_BILL_TYPES["fund"]
STATEMENT = WECHAT_GLOBAL_BILL_TYPES["statement"]
ALIPAY_TRADE = ALIPAY_BILL_TYPES["trade"]
ALIPAY_ACCOUNT = ALIPAY_BILL_TYPES["signcustomer"]
SETTLEMENT = SETTLEMENT_BILL_TYPES["settlement"]

#: (kind, currency) -> how many lines, the sum of their amounts in minor units, of their fees in hundred-thousandths
Sums = dict[tuple[str, str], tuple[int, int, int]]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One file, and what it says."""

    name: str
    source: str
    type: BillType
    raw: bytes
    day: date
    sums: Sums
    party: str = ""
    # None: nothing in such a file says where it ends
    is_whole: bool | None = True
    # what stands between values, and in which encoding; for tests that change single values
    separator: str = ","
    encoding: str = "utf-8"

    @property
    def expected(self) -> Expected:
        """Of its own day and merchant."""
        parties = frozenset({self.party} - {""})
        return Expected(first_day=self.day, last_day=self.day, parties=parties)


@dataclass(frozen=True, kw_only=True)
class Read:
    """All of a reading."""

    lines: Sequence[BillLine]
    problems: Sequence[BillProblem]
    summary: BillSummary

    def sums(self) -> Sums:
        """As a sample has them."""
        found: dict[tuple[str, str], tuple[int, int, int]] = {}
        for line in self.lines:
            key = (str(line.kind), line.currency)
            count, amount, fee = found.get(key, (0, 0, 0))
            found[key] = (count + 1, amount + line.amount, fee + (line.fee_units or 0))
        return found

    def codes(self) -> list[str]:
        """What is wrong, in the order of the file."""
        return [str(problem.code) for problem in self.problems]


def read(raw: bytes, kind: BillType, expected: Expected) -> Read:
    """All of a file."""
    reading = BillReading(io.BytesIO(raw), kind.shape, expected)
    lines: list[BillLine] = []
    problems: list[BillProblem] = []
    for block in reading:
        lines += block.lines
        problems += block.problems
    return Read(lines=lines, problems=problems, summary=reading.summary)


def read_sample(sample: Sample) -> Read:
    """All of a sample."""
    return read(sample.raw, sample.type, sample.expected)


def text(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """A file whose last line ends."""
    return (end.join(lines) + end).encode(encoding)


def zipped(**files: bytes) -> bytes:
    """An archive; two underscores in a name stand for a point."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name.replace("__", "."), raw)
    return packed.getvalue()


# -- WeChat Pay -----------------------------------------------------------------------------------

ALL_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
ALL_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
SUCCESS_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
REFUND_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
EARLY_HEAD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率"
)
EARLY_REFUND_HEAD = EARLY_HEAD.replace("微信退款单号", "退款申请时间,退款成功时间,微信退款单号")
FIRST_HEAD = EARLY_HEAD.replace("企业红包金额", "代金券或立减优惠金额").replace(
    "企业红包退款金额", "代金券或立减优惠退款金额"
)
EARLY_TOTALS = "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额"
FUND_HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
)
FUND_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
GLOBAL_HEAD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,充值券币种,"
    "充值券金额,优惠券币种,优惠券金额,微信退款单号,商户退款单号,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
    "标价币种,订单金额(标价币种),用户支付币种,用户支付金额,结算币种,应结订单金额,支付汇率,退款汇率,申请退款金额,"
    "用户退款币种,用户退款金额,退款结算币种,退款应结订单金额,充值券退款金额,优惠券退款金额"
)
MCHID = "1900000001"


def tick(*values: str) -> str:
    """A line behind back-ticks."""
    return ",".join(f"`{value}" for value in values)


def all_line(number: int, cents: str, *, back: str = "", state: str = "SUCCESS", fee: str = "0.00000") -> str:
    """One line of ALL, of 2019-02-19: a payment, or with ``back`` a refund in a refund's state."""
    paid = ("0", "0", "0.00", "0.00", "", "") if not back else (
        f"5000070967201902190842078{number:04}", f"REF{number:025}", back, "0.00", "ORIGINAL", state,
    )  # fmt: skip
    return tick(
        f"2019-02-19 05:01:{number % 60:02}", "wxab8acd895ab1638a", MCHID, "0", "till-7", f"42000002632019021677{number:08}",
        f"autotest_20190219_{number:05}", "oHkLxtx0vUqe-18p_AXTZ1innxkCY", "JSAPI", "REFUND" if back else state, "OTHERS",
        "CNY", "0.00" if back else cents, "0.00", *paid, "一杯茶-test_succ", "", fee, "0.60%",
        "0.00" if back else cents, back or "0.00", "",
    )  # fmt: skip


WECHAT_ALL = Sample(
    name="wechat-all",
    source="4380525843: 27 columns, line feeds alone, totals as a spreadsheet rounds them",
    type=TRADE,
    raw=text(
        ALL_HEAD, *(all_line(n, "3.07", fee="0.01842") for n in range(5)), *(all_line(n, "", back="0.91") for n in (7, 8)),
        all_line(9, "", back="0.50", state="PROCESSING"), ALL_TOTALS,
        tick("8.0", "15.35", "2.32", "0.0", "0.0921", "15.35", "2.32"), end="\n",
    ),
    day=date(2019, 2, 19),
    party=MCHID,
    separator=",`",
    sums={("payment", "CNY"): (5, 1535, 9210), ("refund", "CNY"): (3, 232, 0)},
)  # fmt: skip


def early_line(moment: str, number: int, cents: str, fee: str, zero: str = "0.00") -> str:
    """One payment of the early form."""
    return tick(
        moment, "wx58aea38c0796394d", MCHID, "0", "", f"1009360611201503300040{number:06}", f"2015033021251217{number:06}",
        "oqMIVt3Ouq-2Vm0kZOZmZ2rTDlP8", "JSAPI", "SUCCESS", "CFT", "CNY", cents, "0.00", "0", "0", zero, zero, "", "",
        "COS-mousse+精华", "", fee, "2.00%",
    )  # fmt: skip


EARLY = Sample(
    name="wechat-early-2015",
    source="19134086953: 24 columns, refunds of `0, fees rounded to five decimals",
    type=TRADE,
    raw=text(
        EARLY_HEAD,
        early_line("2015-03-30 21:25:32", 1, "0.03", "0.00060", "0"),
        early_line("2015-03-30 21:15:32", 2, "0.05", "0.00100", "0"),
        EARLY_TOTALS,
        tick("2", "0.08", "0.00", "0.00", "0.00160"),
    ),
    day=date(2015, 3, 30),
    party=MCHID,
    separator=",`",
    sums={("payment", "CNY"): (2, 8, 160)},
)
EARLY_2020 = Sample(
    name="wechat-early-2020",
    source="34107721335: the same five years later, fees of nothing",
    type=TRADE,
    raw=b"\xef\xbb\xbf"
    + text(
        EARLY_HEAD,
        early_line("2020-01-04 17:43:52", 3, "1.12", "0.00000"),
        early_line("2020-01-04 16:45:31", 4, "0.01", "0.00000"),
        EARLY_TOTALS,
        tick("2", "1.13", "0.00", "0.00", "0.00000"),
    ),
    day=date(2020, 1, 4),
    party=MCHID,
    separator=",`",
    sums={("payment", "CNY"): (2, 113, 0)},
)
FIRST = Sample(
    name="wechat-first-2014",
    source="54583290: the documents' own example, with full-width colons and amounts of one decimal",
    type=TRADE,
    raw=text(
        FIRST_HEAD,
        tick(
            "2014-11-10 16：33：45", "wx2421b1c4370ec43b", MCHID, "0", "1000", "1001690740201411100005734289",
            "1415640626", "085e9858e3ba5186aafcbaed1", "MICROPAY", "SUCCESS", "CFT", "CNY", "0.4", "0.0", "0", "0", "0",
            "0", "", "", "被扫支付测试", "订单额外描述", "0", "0.60%",
        ),
        "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额",
        tick("1", "0.40", "0.0", "0.0", "0"),
    ),
    day=date(2014, 11, 10),
    party=MCHID,
    separator=",`",
    sums={("payment", "CNY"): (1, 40, 0)},
)  # fmt: skip
EARLY_REFUNDS = Sample(
    name="wechat-early-refunds",
    source="12936742458: REFUND with 26 columns; the first moment is the payment's, of another day",
    type=TRADE,
    raw=text(
        EARLY_REFUND_HEAD,
        tick(
            "2018-08-20 14:40:09", "wx34723380b2d8a699", MCHID, "1511458511", "", "4200000145201808202300523655",
            "2018082010", "oDodT0XcpFfrHVR9Kc_VgpFOj8lQ", "NATIVE", "REFUND", "CFT", "CNY", "0.00", "0.00",
            "2018-08-21 18:13:10", "2018-08-21 18:13:12", "50000707812018082106030155182", "101241326201808202300523",
            "2.50", "0.00", "ORIGINAL", "SUCCESS", "微信下单单元测试-2", "", "-0.02500", "1.00%",
        ),
        EARLY_TOTALS,
        tick("1", "0.00", "2.50", "0.00", "-0.02500"),
    ),
    day=date(2018, 8, 21),
    party=MCHID,
    separator=",`",
    sums={("refund", "CNY"): (1, 250, -2500)},
)  # fmt: skip
FUNDS = Sample(
    name="wechat-fund",
    source="6250512416: refunds and a fee, by their balance",
    type=FUND,
    raw=text(
        FUND_HEAD,
        tick(
            "2021-02-01 13:54:01", "50300806962021020105978994968", "4200000920202101197964319284", "退款", "退款", "支出",
            "0.31", "0.22", "1601959334API", "退款总金额0.31元;含手续费0.00元", "S20210201135356381941",
        ),
        tick(
            "2021-02-01 14:00:45", "50300907032021020105978998710", "4200000846202101197461830397", "交易", "交易", "收入",
            "5.00", "5.22", "1601959334API", "", "S20210201140044552846",
        ),
        FUND_TOTALS,
        tick("2", "1", "5.00", "1", "0.31"),
        end="\n",
    ),
    day=date(2021, 2, 1),
    separator=",`",
    sums={("income", "CNY"): (1, 500, 0), ("expense", "CNY"): (1, 31, 0)},
)  # fmt: skip
QUOTED_FUNDS = Sample(
    name="wechat-fund-quoted",
    source="59000434643: saved by a spreadsheet, every value in quotes",
    type=FUND,
    raw=text(
        ",".join(f"`{name}" for name in FUND_HEAD.split(",")),
        '"`2026-07-31 11:00:00","`wx-1","`4200001","`订单入账","`交易","`收入","`38.80","`138.80","`operator",'
        '"`private note","`T100"',
        ",".join(f"`{name}" for name in FUND_TOTALS.split(",")),
        tick("1", "1", "38.80", "0", "0.00"),
    ),
    day=date(2026, 7, 31),
    sums={("income", "CNY"): (1, 3880, 0)},
)


def global_line(number: int, *, back: str = "") -> str:
    """A payment of HKD 50.00, or a refund."""
    order = ("HKD", "50.00", "CNY", "45.50", "HKD", "49.40", "0.91000000", "")
    paid = ("", "", "", "", "", "", "")
    refunded = (back, "CNY", "18.20", "HKD", "19.76", "0.00", "0.00")
    return tick(
        f"2026-11-01 10:00:{number:02}", "wx8888888888888888", MCHID, "0", "", f"450000026520261101{number:010}",
        f"N{number:027}", "oUpF8uMuAJO", "JSAPI", "REFUND" if back else "SUCCESS", "CMB_CREDIT", "", "", "", "",
        f"5000{number}" if back else "", f"R{number}" if back else "", "ORIGINAL" if back else "",
        "SUCCESS" if back else "", "Tea", "note", "-0.24000" if back else "0.60000", "1.20%", *order,
        *(refunded if back else paid),
    )  # fmt: skip


GLOBAL = Sample(
    name="wechat-global",
    source="pay.weixin.qq.com/doc/global/v3/zh/4012354484: its 38 columns; no file of it was published",
    type=STATEMENT,
    raw=text(GLOBAL_HEAD, global_line(1), global_line(2), global_line(3, back="20.00")),
    day=date(2026, 11, 1),
    party=MCHID,
    is_whole=None,
    separator=",`",
    sums={("payment", "HKD"): (2, 10000, 120000), ("refund", "HKD"): (1, 2000, -24000)},
)

# -- Alipay ---------------------------------------------------------------------------------------

ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SELLER = "2088021109625633"
_RULE = "-" * 41


def alipay_line(
    number: int, amount: str, *, refund: str = "", fee: str = "0.00", note: str = "下单测试"
) -> str:
    """One trade or refund of 2019-09-16."""
    kind = "退款" if refund else "交易"
    return (
        f"20190916220014588605{number:08}\t,service_{number}\t,{kind}\t,下单测试,2019-09-16 10:55:16,"
        f"2019-09-16 10:56:{number:02},alipay_store\t,alipay_store\t,alipay\t,\t,*津水(602***@qq.com)\t,{amount},{amount},"
        f"0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{refund}\t,{fee},0.00,{note}"
    )


def alipay_file(
    *lines: str, totals: Sequence[str], day: str = "2019年09月16日", after: str = "2019年09月17日"
) -> bytes:
    """Framed as Alipay frames it, in GBK."""
    return text(
        "#支付宝业务明细查询",
        f"#账号：[{SELLER}0156]",
        f"#起始日期：[{day} 00:00:00]   终止日期：[{after} 00:00:00]",
        f"#{_RULE}业务明细列表{_RULE}",
        ALIPAY_HEAD,
        *lines,
        f"#{_RULE}业务明细列表结束{_RULE}",
        *totals,
        "#导出时间：[2019年09月17日 05:46:49]",
        encoding="gbk",
    )


def trade_totals(paid: int, amount: str, back: int, returned: str) -> tuple[str, str]:
    """The two lines behind the rows."""
    return (
        f"#交易合计：{paid}笔，商家实收共{amount}元，商家优惠共0.00元",
        f"#退款合计：{back}笔，商家实收退款共{returned}元，商家优惠退款共0.00元",
    )


ALIPAY = Sample(
    name="alipay-trade",
    source="42123731404: 25 columns, tabs behind some values and not behind others, four refunds",
    type=ALIPAY_TRADE,
    raw=alipay_file(
        alipay_line(1, "5.01", fee="-0.03"),
        alipay_line(1, "-5.01", refund="re_1", fee="0.03"),
        alipay_line(2, "7.30", fee="-0.04", note=""),
        totals=trade_totals(2, "12.31", 1, "-5.01"),
    ),
    day=date(2019, 9, 16),
    party=SELLER,
    encoding="gbk",
    sums={("payment", "CNY"): (2, 1231, 7000), ("refund", "CNY"): (1, 501, -3000)},
)
ACCOUNT_HEAD = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注"
)
ACCOUNT_2012 = Sample(
    name="alipay-account-2012",
    source="23331272793: 12 columns, both amounts always there",
    type=ALIPAY_ACCOUNT,
    raw=text(
        "#支付宝账务明细查询",
        f"#账号：[{SELLER}0156]",
        "#起始日期：[2012年12月29日 00:00:00]   终止日期：[2012年12月30日 00:00:00]",
        f"#{_RULE}账务明细列表{_RULE}",
        ACCOUNT_HEAD,
        "54632446537371\t,2012122923922029\t,3226563\t,机票\t,2012-12-29 21:02:06,晶 (k@126.com)\t,74.00,0.00,533.03,支付宝,"
        "在线支付,",
        "54629090595411\t,2012122948927762\t,3226533\t,机票\t,2012-12-29 20:31:32,青 (1333)\t,0.00,-0.44,459.03,支付宝,收费,",
        f"#{_RULE}账务明细列表结束{_RULE}",
        "#支出合计：1笔，共-0.44元",
        "#收入合计：1笔，共74.00元",
        "#导出时间：[2012年12月31日 13:19:01]",
        encoding="gbk",
    ),
    day=date(2012, 12, 29),
    party=SELLER,
    encoding="gbk",
    sums={("income", "CNY"): (1, 7400, 0), ("expense", "CNY"): (1, 44, 0)},
)
ACCOUNT_REORDERED = Sample(
    name="alipay-account-reordered",
    source="70834898140: the columns in another order, a tab behind each value",
    type=ALIPAY_ACCOUNT,
    raw=text(
        "#支付宝账务明细查询",
        "#----账务明细列表----",
        "账务流水号,业务流水号,商品名称,发生时间,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注,商户订单号,"
        "对方账号",
        "9001\t,B1\t,\t,2026-03-01 08:00:00\t,12.00\t,0.00\t,112.00\t,支付宝\t,其它\t,note\t,B1\t,****\t",
        "9002\t,B2\t,\t,2026-03-01 09:00:00\t,0.00\t,2.50\t,109.50\t,支付宝\t,其它\t,note\t,B2\t,****\t",
        "#----账务明细列表结束----",
        "#支出合计：1笔，共2.50元",
        "#收入合计：1笔，共12.00元",
        "#导出时间：[2026年03月02日 09:00:00]",
        encoding="gbk",
    ),
    day=date(2026, 3, 1),
    encoding="gbk",
    sums={("income", "CNY"): (1, 1200, 0), ("expense", "CNY"): (1, 250, 0)},
)
ACCOUNT_2026 = Sample(
    name="alipay-account-2026",
    source="56919501587 and 58693475429: four more columns, blank amounts, commas behind every line",
    type=ALIPAY_ACCOUNT,
    raw=text(
        "#支付宝账务明细查询,,,,,,,,,,,,",
        "#起始日期：[2026年05月08日 00:00:00]   终止日期：[2026年05月09日 00:00:00],,,,,,,,,,,,",
        "账务流水号,业务流水号,商户订单号,业务基础订单号,业务订单号,业务账单来源,业务描述,收入金额（+元）,支出金额（-元）,"
        "账户余额（元）,发生时间,业务类型,备注",
        "202605080001,B-1,M-1,P-1,O-1,API,在线支付,88.00,,188.00,2026-05-08 10:00:00,在线支付,订单收款",
        "202605080002,B-2,M-1,P-1,O-1,API,手续费,,-0.53,187.47,2026-05-08 10:00:01,收费,手续费",
        f"#{_RULE}账务明细列表结束{_RULE},,,,,,,,,,,,",
        "#支出合计：1笔，共-0.53元,,,,,,,,,,,,",
        "#收入合计：1笔，共88.00元,,,,,,,,,,,,",
        "#导出时间：[2026年05月09日 12:51:06],,,,,,,,,,,,",
        encoding="gbk",
    ),
    day=date(2026, 5, 8),
    encoding="gbk",
    sums={("income", "CNY"): (1, 8800, 0), ("expense", "CNY"): (1, 53, 0)},
)

# -- AlipayHK, and Alipay in foreign currency -----------------------------------------------------

HK_HEAD = (
    "Partner_transaction_id,Transaction_id,Amount,Fee,Settlement,Currency,Payment_time,Settlement_time,Issue,Product,Type,"
    "Status,Remarks,Original_partner_transaction_ID"
)
HONG_KONG = Sample(
    name="alipayhk-settlement",
    source="docs.antom.com/ac/openapi/settlement: month first, no seconds, Alipay's own number for a cancelled trade",
    type=SETTLEMENT,
    raw=text(
        HK_HEAD,
        "N_1001,20181225194010800100160610009243867,30.5,0.31,30.19,HKD,12/26/2018 0:50,12/27/2018 9:40,,CASHIER_PAY,PAYMENT,"
        "SETTLED,,",
        "R_122112,20181225194010800100160610009243868,0.2,0,-0.2,HKD,12/26/2018 0:55,12/27/2018 9:40,,CASHIER_PAY,REFUND,"
        "SETTLED,,N_1001",
        "20181220194010800100160650009000664,20181220194010800100160650009000664,0.3,0,-0.3,HKD,12/20/2018 3:30:10,"
        "12/27/2018 9:40,,CASHIER_PAY,CANCEL,SETTLED,,",
    ),
    day=date(2018, 12, 27),
    is_whole=None,
    sums={
        ("payment", "HKD"): (1, 3050, 31000),
        ("refund", "HKD"): (1, 20, 0),
        ("reversal", "HKD"): (1, 30, 0),
    },
)
SPOT = Sample(
    name="alipay-spot",
    source="48305089066: bars, amounts in two currencies, P and R",
    type=SETTLEMENT,
    raw=text(
        "Partner_transaction_id|Transaction_id|Amount|Rmb_amount|Fee|Distribute_amount|Distribute_rmb_amount|Settlement|"
        "Rmb_settlement|Currency|Rate|Payment_time|Settlement_time|Type|Status|Remarks",
        "GDR-5729068|2017092721001003000000578434|2899.05|2473.73|34.79|0.0|0.0|2864.26|2444.04|HKD|0.85329000|"
        "2017-09-26 10:57:23|2017-09-27 15:46:00|P|L|GDR-5729068",
        "FOREXREFUND_1|2017092721001003720000000258|555.0|473.58|6.66|0.0|0.0|548.34|467.9|HKD|0.85329000|"
        "2017-09-26 21:37:08|2017-09-27 15:46:00|R|L|GDR-5727442",
        end="\n",
    ),
    day=date(2017, 9, 27),
    is_whole=None,
    separator="|",
    sums={("payment", "HKD"): (1, 289905, 3479000), ("refund", "HKD"): (1, 55500, -666000)},
)
COUNTED = Sample(
    name="alipay-spot-transactions",
    source="48800116008 and global.alipay.com/docs/ac/merchant_qr_code_hk/transfile: a count above, blank lines between",
    type=SETTLEMENT,
    raw=text(
        f"Partner:{SELLER}|Payment_time: 2013-12-02|Total_count:3",
        "",
        "Partner_transaction_id|Transaction_id|Transaction_amount|Charge_amount|Currency|Payment_time|Transaction_type|Remark|"
        "Secondary_merchant_industry|Secondary_merchant_name|Operator_name|Order_scene|Trans_currency|Trans_amount|"
        "Trans_forex_rate",
        "",
        "0001|201312020445|100|3|HKD|2013-12-02 10:45:42|PAYMENT||5812|xxx|xxx|shopQrCode|TWD|400|0.25",
        "0002|201312020446|50|1|HKD|2013-12-02 10:45:13|REVERSAL||5812|xxx|xxx|shopQrCode|TWD|200|0.25",
        "0003|201312020448|100|3|HKD|2013-12-02 10:45:09|REFUND|Refund|5812|xxx|xxx|shopQrCode|TWD|400|0.25",
        end="\n",
    ),
    day=date(2013, 12, 2),
    party=SELLER,
    separator="|",
    sums={
        ("payment", "TWD"): (1, 40000, 300000),
        ("reversal", "TWD"): (1, 20000, 100000),
        ("refund", "TWD"): (1, 40000, -300000),
    },
)
WEB_HEAD = (
    "Partner_transaction_id,Transaction_id,Amount,Fee,Settlement,Currency,Payment_time,Settlement_time,Issue,Product,Type,"
    "Status,Remarks"
)
BATCHES = Sample(
    name="alipayhk-batches",
    source="docs.antom.com/ac/wap_hk/settlemtfile: a zip of a batch file and two settlement files",
    type=SETTLEMENT,
    raw=zipped(
        batch__csv=text(
            "Settle_batch_no,Settle_date,Amount,Fee,Settlement,Currency",
            "50002017051900000000000000000000 ,2017-05-23 15:36:00,852.40 ,8.52 ,843.88 ,HKD",
        ),
        one__csv=text(
            WEB_HEAD,
            "N1,2017052200001,800.00,8.00,792.00,HKD,2017-05-22 10:00:00,2017-05-23 15:36:00,ALIPAYHK,WAP,payment,SETTLED,",
        ),
        two__csv=text(
            WEB_HEAD,
            "N2,2017052200002,52.40,0.52,51.88,HKD,2017-05-22 11:00:00,2017-05-23 15:36:00,ALIPAYHK,WAP,payment,SETTLED,",
        ),
    ),
    day=date(2017, 5, 23),
    sums={("payment", "HKD"): (2, 85240, 852000)},
)
ANTOM = Sample(
    name="antom-details",
    source="docs.antom.com/ac/amsapi/settlement and /ac/reconcile/settlement_details: ISO 8601, <END>",
    type=SETTLEMENT,
    raw=text(
        "settlementBatchId,customerId,transactionId,originalTransactionId,transactionRequestId,paymentMethodType,pspName,"
        "transactionType,paymentTime,settlementTime,productCode,transactionAmountValue,transactionCurrency,"
        "settlementAmountValue,settlementCurrency,feeAmountValue,feeCurrency,originalTransactionRequestId",
        "B1,C1,20260101001,,N_1,ALIPAY_HK,AlipayHK,PAYMENT,2026-01-01T23:59:59+08:00,2026-01-02T09:00:00+08:00,IN_STORE,"
        "1200,JPY,60.00,HKD,0.72,HKD,",
        "B1,C1,20260101002,20260101001,R_1,ALIPAY_HK,AlipayHK,REFUND,2026-01-02T00:10:00+08:00,2026-01-02T09:00:00+08:00,"
        "IN_STORE,200,JPY,-10.00,HKD,-0.12,HKD,N_1",
        "<END>",
        end="\n",
    ),
    day=date(2026, 1, 2),
    sums={("payment", "JPY"): (1, 1200, 72000), ("refund", "JPY"): (1, 200, -12000)},
)

SAMPLES = [
    WECHAT_ALL, EARLY, EARLY_2020, FIRST, EARLY_REFUNDS, FUNDS, QUOTED_FUNDS, GLOBAL, ALIPAY, ACCOUNT_2012, ACCOUNT_REORDERED,
    ACCOUNT_2026, HONG_KONG, SPOT, COUNTED, BATCHES, ANTOM,
]  # fmt: skip
