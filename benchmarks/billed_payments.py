"""Our side of the bill that ``benchmarks.bills`` draws: ``python -m benchmarks.billed_payments --lines 1000000``.

A process of its own, so that its memory is not the measured one's: the account, and for each line of the file a paid
order, its payment and its posting. Written by COPY on PostgreSQL and by one prepared INSERT on SQLite.
"""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import django
from django.db import connection, transaction

DAY = date(2026, 11, 1)
#: midnight in Beijing
BEGIN = datetime(2026, 10, 31, 16, tzinfo=UTC)
WALLETS = {"wechat": "Wechat", "alipay": "Alipay"}
TOGETHER = 20_000


def make_amount(line: int) -> int:
    """Of a line of the file, in minor units."""
    return 1 + line * 7919 % 100_000


def make_second(line: int) -> int:
    """When it was paid, from midnight on."""
    return line * 37 % 86400


def make_number(line: int) -> str:
    """Our number, in no order."""
    return f"{line * 2654435761 % 2**32:08x}{line:020}"


def make_trade_no(shape: str, line: int) -> str:
    """The platform's number."""
    return f"4200002{line:021}" if shape == "wechat" else f"20261101220014588{line:011}"


def make_account(shape: str) -> Any:
    """The account of the file's merchant."""
    from scanforpay_django.models import Partner, Store, WalletAccount

    partner = Partner.objects.create(name="Bench")
    return WalletAccount.objects.create(
        store=Store.objects.create(partner=partner, name="Bench"),
        wallet=WALLETS[shape],
        fee_rate=Decimal("0.006"),
        config={"mchid": "1900000001", "seller_id": "2088000000000001"},
    )


def fill(shape: str, number: int) -> None:
    """The account, and what was paid to it."""
    from scanforpay_django.books.accounts import orders, platform
    from scanforpay_django.models import Order, Payment, Posting

    account = make_account(shape)
    store, end = account.store, BEGIN + timedelta(days=1)
    common = {"wallet": account.wallet, "currency": "CNY", "expires_at": end}
    order = Order(partner_id=store.partner_id, store=store, state="paid", fingerprint="f", **common)
    payment = Payment(
        account=account, product="jsapi", state="paid", paid_currency="CNY", is_applied=True, **common
    )
    posting = Posting(
        source=orders(store.store_no), destination=platform(account.wallet, account.pk, "CNY"), currency="CNY",
        cause_type="payment", kind="collected", store=store, account=account,
    )  # fmt: skip
    moments = [_adapt(BEGIN + timedelta(seconds=second)) for second in range(86400)]
    lines = range(number)
    _write(order, lines, lambda line: {
        "id": line + 1, "order_no": f"{line:024}", "partner_order_no": f"b{line}", "token": f"a{line:021}",
        "scan_token": f"b{line:021}", "amount": make_amount(line), "paid_at": moments[make_second(line)],
    })  # fmt: skip
    _write(payment, lines, lambda line: {
        "id": line + 1, "order_id": line + 1, "out_trade_no": make_number(line), "amount": make_amount(line),
        "paid_amount": make_amount(line), "trade_no": make_trade_no(shape, line), "attempt": 1,
        "paid_at": moments[make_second(line)],
    })  # fmt: skip
    _write(posting, lines, lambda line: {
        "id": line + 1, "cause_id": line + 1, "amount": make_amount(line),
        "effective_at": moments[make_second(line)],
    })  # fmt: skip
    with connection.cursor() as cursor:
        # As autovacuum leaves tables that grew over months.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint")


def _adapt(moment: datetime) -> Any:
    return moment if connection.vendor == "postgresql" else str(moment.replace(tzinfo=None))


def _write(template: Any, lines: Iterable[int], change: Any) -> None:
    """Rows like the template but for what a line changes, by the names of columns."""
    fields = [field for field in template._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields]
    same = {
        field.column: field.get_db_prep_save(getattr(template, field.attname), connection) for field in fields
    }
    # JSON and moments as text, which both databases take.
    same = {
        name: value if isinstance(value, int | None) else str(_dumped(value)) for name, value in same.items()
    }
    rows = ([*({**same, **change(line)}.values())] for line in lines)
    assert list(same) == columns
    while part := list(islice(rows, TOGETHER)):
        with transaction.atomic(), connection.cursor() as cursor:
            _insert(cursor, template._meta.db_table, columns, part)


def _dumped(value: Any) -> Any:
    return getattr(value, "dumps", str)(value.obj) if hasattr(value, "obj") else value


def _insert(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor != "postgresql":
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        return
    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def main() -> None:
    """Into the database that DATABASE_URL names."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--shape", choices=list(WALLETS), default="wechat")
    options = parser.parse_args()
    django.setup()
    fill(options.shape, options.lines)


if __name__ == "__main__":
    main()
