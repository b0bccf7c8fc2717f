"""A bill's lines beside the postings of their fees, some thousands in a statement.

By hand: lines and payments have no reference between them that the ORM could follow, and a million lines that agree
with the ledger are to cost no more than reading them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from scanforpay_django import clock, money
from scanforpay_django.books import accounts
from scanforpay_django.models import BillLine, Payment, Posting, Refund, WalletAccount
from scanforpay_django.models.database import connection
from scanforpay_django.wallets.bills.values import FEE_PLACES

CauseType, Kind = Posting.CauseType, Posting.Kind
_LINES, _PAYMENTS, _REFUNDS, _POSTINGS = (
    model._meta.db_table for model in (BillLine, Payment, Refund, Posting)
)
_COLUMNS = (
    "source, destination, amount, currency, effective_at, booked_at, cause_type, cause_id, kind, revision, rate, "
    "store_id, account_id"
)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Lines of one bill, by their keys, both ends included."""

    file_id: int
    first: int
    last: int
    # whose payments the lines may be of
    accounts: Collection[WalletAccount]


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a kind of lines is about."""

    line_kind: str
    cause_type: str
    # of the posting that has to be there, and of that of its fee
    moved: str
    fee: str
    # from the lines to the rows; each takes the accounts' keys once
    joins: str
    key: str


PAYMENTS = Matter(
    line_kind=BillLine.Kind.PAYMENT,
    cause_type=CauseType.PAYMENT,
    moved=Kind.COLLECTED,
    fee=Kind.FEE,
    joins=f"LEFT JOIN {_PAYMENTS} p ON p.out_trade_no = l.out_trade_no AND p.account_id IN (%s)",
    key="p.id",
)
# Some files name the refund alone.
REFUNDS = Matter(
    line_kind=BillLine.Kind.REFUND,
    cause_type=CauseType.REFUND,
    moved=Kind.REFUNDED,
    fee=Kind.FEE_RETURNED,
    joins=(
        f"LEFT JOIN {_REFUNDS} r ON r.out_refund_no = l.out_refund_no "
        f"LEFT JOIN {_PAYMENTS} p ON p.id = r.payment_id AND p.account_id IN (%s) "
        "AND (l.out_trade_no = '' OR l.out_trade_no = p.out_trade_no)"
    ),
    key="CASE WHEN p.id IS NOT NULL THEN r.id END",
)
MATTERS = (PAYMENTS, REFUNDS)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What lines of a window come to, in one currency."""

    currency: str
    # with a fee; of them, whose payment or refund is posted; of those, whose fee is not posted as they say
    line_count: int
    posted_count: int
    open_count: int
    # of the posted: hundred-thousandths of the major unit, and minor units with each line rounded
    exact: int
    rounded: int


@dataclass(frozen=True, kw_only=True)
class BilledFee:
    """What a line says of a payment or refund that the ledger does not have."""

    cause_id: int
    # minor units, negative when it comes back
    fee: int
    currency: str


def add_up(window: Window, matter: Matter) -> list[Sums]:
    """One statement; by currency."""
    columns = (
        f"l.fee_currency, COUNT(*), COUNT(k.id), SUM(CASE WHEN k.id IS NULL OR {_SETTLED} THEN 0 ELSE 1 END), "
        "SUM(CASE WHEN k.id IS NULL THEN 0 ELSE l.fee END), SUM(CASE WHEN k.id IS NULL THEN 0 ELSE l.minor END)"
    )
    rows = _fetch(f"SELECT {columns} {_from(matter)} GROUP BY l.fee_currency", _parameters(window, matter))
    return [
        Sums(
            currency=row[0],
            line_count=row[1],
            posted_count=row[2],
            open_count=int(row[3] or 0),
            exact=int(row[4] or 0),
            rounded=int(row[5] or 0),
        )
        for row in rows
    ]


def confirm(window: Window, matter: Matter) -> int:
    """Where the bill says what was expected: one posting from the expected fees to the fees, or back with a refund.
    How many.
    """
    expected, other = ("f.destination", "f.source") if matter is PAYMENTS else ("f.source", "f.destination")
    fees = f"REPLACE({expected}, 'fees:expected:', 'fees:')"
    ends = f"{expected}, {fees}" if matter is PAYMENTS else f"{fees}, {expected}"
    return _run(
        f"INSERT INTO {_POSTINGS} ({_COLUMNS}) SELECT DISTINCT {ends}, f.amount, f.currency, f.effective_at, %s, "
        f"f.cause_type, f.cause_id, %s, 1, f.rate, f.store_id, f.account_id {_from(matter)} "
        f"LEFT JOIN {_POSTINGS} o ON o.cause_type = k.cause_type AND o.cause_id = k.cause_id AND o.kind = %s "
        f"WHERE o.id IS NULL AND {_SIGNED} = l.minor AND COALESCE(f.currency, '') = l.fee_currency "
        f"AND COALESCE({expected}, '') LIKE 'fees:expected:%%' AND COALESCE({other}, '') LIKE 'platform:%%'",
        [_now(), Kind.FEE_CONFIRMED.value, *_parameters(window, matter), Kind.FEE_CONFIRMED.value],
    )


def post_first(window: Window) -> int:
    """Fees of payments that none was expected of, and none was ever posted of. How many."""
    names = " ".join("WHEN p.account_id = %s THEN %s" for _account in window.accounts)
    ends: list[Any] = []
    for account in window.accounts:
        ends += [account.pk, accounts.fees(account.wallet, account.pk)]
    same = "k.destination, k.currency, k.effective_at, k.cause_type, k.cause_id, k.store_id, k.account_id"
    # A bill may list a payment twice.
    return _run(
        f"INSERT INTO {_POSTINGS} ({_COLUMNS}) SELECT k.destination, MAX(CASE {names} END), MAX(l.minor), k.currency, "
        f"k.effective_at, %s, k.cause_type, k.cause_id, %s, 1, NULL, k.store_id, k.account_id {_from(PAYMENTS)} "
        f"LEFT JOIN {_POSTINGS} o ON o.cause_type = k.cause_type AND o.cause_id = k.cause_id AND o.kind = %s "
        f"WHERE {_IS_POSTED} AND o.id IS NULL AND l.minor > 0 AND l.fee_currency = COALESCE(k.currency, '') "
        f"GROUP BY {same}",
        [*ends, _now(), Kind.FEE.value, *_parameters(window, PAYMENTS), Kind.FEE.value],
    )


def find_open(window: Window, matter: Matter) -> list[BilledFee]:
    """Lines whose payment or refund is posted, and whose fee is not as they say. In the sequence of the file."""
    rows = _fetch(
        f"SELECT k.cause_id, l.minor, l.fee_currency {_from(matter)} WHERE {_IS_POSTED} AND NOT {_SETTLED} "
        "ORDER BY l.id",
        _parameters(window, matter),
    )
    return [BilledFee(cause_id=row[0], fee=int(row[1]), currency=row[2]) for row in rows]


def _by_currency(places: dict[int, int]) -> str:
    """SQL of a number by the currency's decimals; most have two."""
    found = ""
    for exponent, number in places.items():
        names = ", ".join(f"'{name}'" for name, own in money.EXPONENTS.items() if own == exponent)
        found += f" WHEN fee_currency IN ({names}) THEN {number}" if exponent != 2 else ""
    return f"CASE{found} ELSE {places[2]} END"


_STEP = _by_currency({exponent: 10 ** (FEE_PLACES - exponent) for exponent in (0, 2, 3)})
_HALF = _by_currency({exponent: 10 ** (FEE_PLACES - exponent) // 2 for exponent in (0, 2, 3)})
# A condition that NULL could not pass would let a planner begin with the postings, whose number it may not know.
_IS_POSTED = "COALESCE(k.id, 0) > 0"
# of the fee's posting that stands: what it takes from the platform's account
_SIGNED = "CASE WHEN f.id IS NULL THEN 0 WHEN f.source LIKE 'platform:%%' THEN f.amount ELSE -f.amount END"
_IS_AGREED = "(f.source LIKE 'fees:expected:%%' OR f.destination LIKE 'fees:expected:%%')"
_IS_SO = f"f.currency = l.fee_currency AND (c.id IS NOT NULL OR NOT {_IS_AGREED})"
_SETTLED = f"({_SIGNED} = l.minor AND (f.id IS NULL OR ({_IS_SO})))"


def _minor() -> str:
    """Half up: away from zero, so that what comes back is what was taken."""
    # "/" of MySQL and MariaDB has decimals.
    divided = "DIV" if connection().vendor == "mysql" else "/"
    rounded = f"((ABS(fee) + ({_HALF})) {divided} ({_STEP}))"
    return f"CASE WHEN fee < 0 THEN -{rounded} ELSE {rounded} END"


def _from(matter: Matter) -> str:
    lines = (
        f"SELECT id, out_trade_no, out_refund_no, fee, fee_currency, {_minor()} AS minor FROM {_LINES} "
        "WHERE file_id = %s AND id BETWEEN %s AND %s AND kind = %s AND fee IS NOT NULL"
    )
    # By its key: without statistics a planner may join all postings of a kind, and filter.
    moved = (
        f"SELECT q.id FROM {_POSTINGS} q WHERE q.cause_type = %s AND q.cause_id = {matter.key} AND q.kind = %s "
        "AND q.revision = 1"
    )
    return (
        f"FROM ({lines}) l {matter.joins} LEFT JOIN {_POSTINGS} k ON k.id = ({moved}) "
        f"{_standing('f')} {_standing('c')}"
    )


def _standing(name: str) -> str:
    """The last posting of the same cause, unless it is a reversal."""
    found = (
        f"SELECT q.id FROM {_POSTINGS} q WHERE q.cause_type = k.cause_type AND q.cause_id = k.cause_id AND q.kind = %s "
        "ORDER BY q.revision DESC LIMIT 1"
    )
    return f"LEFT JOIN {_POSTINGS} {name} ON {name}.id = ({found}) AND COALESCE({name}.reverses_id, 0) = 0"


def _parameters(window: Window, matter: Matter) -> list[Any]:
    lines = [window.file_id, window.first, window.last, str(matter.line_kind)]
    kinds = [str(matter.fee), Kind.FEE_CONFIRMED.value]
    keys = [account.pk for account in window.accounts]
    return [*lines, keys, str(matter.cause_type), str(matter.moved), *kinds]


def _now() -> Any:
    return Posting._meta.get_field("booked_at").get_db_prep_value(clock.now(), connection())


def _expand(statement: str, parameters: Iterable[Any]) -> tuple[str, list[Any]]:
    """A list takes one mark for each of its values."""
    flat: list[Any] = []
    for value in parameters:
        flat += value if isinstance(value, list) else [value]
    return statement, flat


def _execute(cursor: Any, statement: str, parameters: list[Any]) -> None:
    keys = next(value for value in parameters if isinstance(value, list))
    statement = statement.replace("IN (%s)", f"IN ({', '.join(['%s'] * len(keys))})")
    cursor.execute(*_expand(statement, parameters))


def _run(statement: str, parameters: list[Any]) -> int:
    with connection().cursor() as cursor:
        _execute(cursor, statement, parameters)
        return int(cursor.rowcount)


def _fetch(statement: str, parameters: list[Any]) -> list[Any]:
    with connection().cursor() as cursor:
        _execute(cursor, statement, parameters)
        return list(cursor.fetchall())
