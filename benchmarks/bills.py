"""A bill from its fetched file to compared: ``python -m benchmarks.bills [--lines 1000000] [--shape wechat|alipay]``.

The file, and a paid order with its payment and its posting for each of its lines, are made by other processes before
the clock starts. The clock runs from the file, packed, to the last COMMIT: our hash, the storage, unpacking, reading,
checking and storing, and then comparing all lines with the payments. First on a PostgreSQL of its own, then on SQLite.
The memory is the process's peak (ru_maxrss) with Django, in MiB of 1,048,576 bytes.
"""

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import django

from benchmarks.billed_payments import DAY, make_amount, make_number, make_second, make_trade_no
from benchmarks.findings import add_json, load_text, on_each_database, write
from tests.chaos.services import ROOT, Postgres

MOST_SECONDS, MOST_MEBIBYTES = 25, 96
WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
WECHAT_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
ALIPAY_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def yuan(cents: int) -> str:
    """1234 -> "12.34"."""
    return f"{cents // 100}.{cents % 100:02}"


def draw_wechat(out: IO[bytes], number: int) -> None:
    """So many payments, each of another number, amount and moment, as ALL has them."""
    total = fees = 0
    out.write(f"\ufeff{WECHAT_HEAD}\r\n".encode())
    for line in range(number):
        cents, at = make_amount(line), make_second(line)
        fee = cents * 6
        total, fees = total + cents, fees + fee
        values = (
            f"{DAY} {at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}", "wx1234567890abcdef", "1900000001", "0", "",
            make_trade_no("wechat", line), make_number(line), f"oUpF8uMuAJO_{line:016}", "JSAPI",
            "SUCCESS", "OTHERS", "CNY", yuan(cents), "0.00", "0", "0", "0.00", "0.00", "", "", "一杯茶 green tea",
            f"r{line}", f"{fee // 100000}.{fee % 100000:05}", "0.60%", yuan(cents), "0.00", "",
        )  # fmt: skip
        out.write(("`" + ",`".join(values) + "\r\n").encode())
    sums = (
        str(number),
        yuan(total),
        "0.00",
        "0.00",
        f"{fees // 100000}.{fees % 100000:05}",
        yuan(total),
        "0.00",
    )
    out.write(f"{WECHAT_TOTALS}\r\n`{',`'.join(sums)}\r\n".encode())


def draw_alipay(out: IO[bytes], number: int) -> None:
    """The same as Alipay's bill of trades has it."""
    total = 0
    begin = f"{DAY:%Y年%m月%d日} 00:00:00"
    end = f"{DAY.replace(day=DAY.day + 1):%Y年%m月%d日} 00:00:00"
    head = f"#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n#起始日期：[{begin}]   终止日期：[{end}]\r\n"
    out.write(f"{head}#{'-' * 41}业务明细列表{'-' * 40}\r\n{ALIPAY_HEAD}\r\n".encode("gbk"))
    for line in range(number):
        cents, at = make_amount(line), make_second(line)
        total += cents
        moment = f"{DAY} {at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
        values = (
            f"{make_trade_no('alipay', line)}\t", f"{make_number(line)}\t", "交易\t",
            "一杯茶 green tea",
            moment, moment, "\t", "\t", "\t", "\t", "*津(138****00)\t", yuan(cents), yuan(cents), *["0.00"] * 5, "",
            "0.00\t", "0.00", "\t", f"-{yuan(cents * 6 // 1000)}", "0.00", "",
        )  # fmt: skip
        out.write((",".join(values) + "\r\n").encode("gbk"))
    out.write(f"#{'-' * 41}业务明细列表结束{'-' * 36}\r\n".encode("gbk"))
    out.write(f"#交易合计：{number}笔，商家实收共{yuan(total)}元，商家优惠共0.00元\r\n".encode("gbk"))
    out.write("#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n".encode("gbk"))
    out.write("#导出时间：[2026年11月02日 06:00:00]\r\n".encode("gbk"))


def draw(shape: str, number: int, place: Path) -> None:
    """The file, packed as the platform packs it."""
    if shape == "wechat":
        with gzip.open(place, "wb", compresslevel=4) as out:
            draw_wechat(out, number)
        return
    name = "20880000000000010156_20261101_业务明细.csv"
    with (
        zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as box,
        box.open(name, "w", force_zip64=True) as out,
    ):
        draw_alipay(out, number)


def read(place: Path) -> Any:
    """The bill's row, with its lines."""
    from scanforpay_django.books.fetch_bill import import_bill
    from scanforpay_django.books.keep_bill import BillOf
    from scanforpay_django.models import WalletAccount

    of = BillOf(account=WalletAccount.objects.get(), bill_type="trade", first_day=DAY, last_day=DAY)
    with place.open("rb") as file:
        return import_bill(of, file, by="bench")


def compare(bill: Any) -> Any:
    """The bill's day."""
    from scanforpay_django.books.bill_merchants import find_merchant
    from scanforpay_django.books.reconcile import compare_file

    return compare_file(find_merchant(bill.account), bill)[0]


def prepare(options: Namespace, directory: str) -> Path:
    """The database with our side, and the file with the platform's."""
    place = Path(directory) / "bill"
    made = ["--lines", str(options.lines), "--shape", options.shape]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for command in (
        ["benchmarks.bills", "--draw", str(place), *made],
        ["django", "migrate", "--run-syncdb", "-v0"],
        ["benchmarks.billed_payments", *made],
    ):
        subprocess.run([sys.executable, "-m", *command], check=True, cwd=ROOT, env=env)
    return place


def peak() -> float:
    """Of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(options: Namespace) -> dict[str, Any]:
    """On one database."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        is_sqlite = options.database == "sqlite"
        url = f"sqlite:///{directory}/db.sqlite3" if is_sqlite else stack.enter_context(Postgres()).url
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings"}
        os.environ |= {"REDIS_URL": "", "BENCH_BILLS": directory}
        place = prepare(options, directory)
        django.setup()
        before, begun, used = peak(), time.monotonic(), time.process_time()
        bill = read(place)
        is_read = time.monotonic()
        day = compare(bill)
        ended = time.monotonic()
        found = {
            "seconds": ended - begun,
            "reading_seconds": is_read - begun,
            "comparing_seconds": ended - is_read,
            "processor_seconds": time.process_time() - used,
            "mebibytes": peak(),
            "mebibytes_before": before,
            "lines": bill.lines.count(),
            "load": load_text(),
        }
        assert (bill.state, bill.problem_count, found["lines"]) == ("read", 0, options.lines), bill.state
        assert (day.state, day.differences.count(), day.foreign_totals) == ("compared", 0, {}), day.state
        print(show(options, found), flush=True)
        return found


def show(options: Namespace, found: dict[str, Any]) -> str:
    """A row of the table."""
    parts = [f"{found[name]:.1f}" for name in ("seconds", "reading_seconds", "comparing_seconds")]
    parts += [
        f"{found['processor_seconds']:.1f}",
        f"{found['mebibytes']:.0f}",
        f"{found['mebibytes_before']:.0f}",
    ]
    cells = [options.database, options.shape, str(found["lines"]), *parts, found["load"]]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Both databases, each in a process of its own."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--shape", choices=["wechat", "alipay"], default="wechat")
    parser.add_argument("--database", choices=["postgresql", "sqlite"])
    parser.add_argument("--draw", type=Path, help="only make the file there")
    add_json(parser)
    options = parser.parse_args()
    if options.draw:
        draw(options.shape, options.lines, options.draw)
        return
    if options.database:
        write(options.json, measure(options))
        return
    print(
        "| database | shape | lines | seconds | reading | comparing | of its processor | MiB at most | before | |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    found = on_each_database("benchmarks.bills", "--lines", options.lines, "--shape", options.shape)
    write(options.json, found)


if __name__ == "__main__":
    main()
