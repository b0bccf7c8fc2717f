"""Days and merchant numbers: whether each bill is here and agrees."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import find_merchants
from scanforpay_django.models import BillDay
from scanforpay_django.models.bill_day import count_lines
from scanforpay_django.operations.reconciliation.open_sums import OpenDifferences, OpenSums
from scanforpay_django.operations.reconciliation.words import say_merchant
from scanforpay_django.operations.staff_scope import Scope
from scanforpay_django.wallets.bills.amounts import CHINA
from scanforpay_django.wallets.registry import find_wallet_class

#: days that are shown, and merchant numbers
DAYS, MAX_COLUMNS = 7, 12
State = BillDay.State
#: state -> colour and icon; of a bill that was compared its differences say it
_LOOKS = {
    State.WAITING: ("off", "wait"),
    State.LATE: ("wait", "warn"),
    State.GONE: ("bad", "stop"),
    State.NONE: ("off", "info"),
    State.BROKEN: ("bad", "warn"),
    State.COMPARED: ("ok", "paid"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One day of one merchant number."""

    row: BillDay
    look: str
    icon: str
    word: str
    # open differences
    number: int
    # currency -> minor units: of the differences, or what the bill says was paid
    amounts: dict[str, int]
    lines: int
    # of a bill that is still to come
    next_at: datetime | None
    # whether it has an API; otherwise staff bring it
    is_fetched: bool
    # of one that is late: how often it was asked for
    asked: str
    # whether a file is wanted
    wants_file: bool

    @property
    def zone(self) -> tzinfo:
        """Days of bills are Beijing's."""
        return CHINA


@dataclass(kw_only=True)
class Column:
    """A merchant number, and one kind of its bills."""

    merchant: str
    title: str
    note: str
    # whose credentials fetch it: ?account= shows it
    account_id: int
    cells: dict[date, Cell] = field(default_factory=dict)

    @property
    def badness(self) -> tuple[int, int]:
        """How many days are bad, and how many differences are open."""
        looks = [cell.look for cell in self.cells.values()]
        score = 10 * looks.count("bad") + looks.count("wait")
        return score, sum(cell.number for cell in self.cells.values())


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The table of days and merchant numbers."""

    # newest first
    days: list[date]
    # worst first
    columns: list[Column]
    # those that did not fit
    rest: list[Column]
    # all days that were read, of all merchant numbers
    rows: list[BillDay]

    def lines(self) -> Iterable[tuple[date, list[tuple[Column, Cell | None]]]]:
        """Each day with a field for each column."""
        for day in self.days:
            yield day, [(column, column.cells.get(day)) for column in self.columns]


def make_matrix(scope: Scope, found: OpenDifferences, *, day: date | None, account: int | None) -> Matrix:
    """The last seven days, or those that end with an older ``day``; with ``account`` its merchant number alone. Two
    statements at most. A merchant number is shown to those who have all accounts of it, for its sums are of all.
    """
    days = _find_days(day)
    rows = _read_rows(scope, days)
    columns: dict[tuple[str, str], Column] = {}
    for row in sorted(rows, key=lambda one: one.day, reverse=True):
        column = columns.setdefault((row.merchant, row.bill_type), _make_column(row))
        column.cells[row.day] = _make_cell(row, found.by_bill.get(row.pk, OpenSums()))
    ordered = sorted(
        columns.values(), key=lambda one: (*(-score for score in one.badness), one.title, one.note)
    )
    chosen = [one for one in ordered if account is None or one.account_id == account]
    shown = chosen[:MAX_COLUMNS]
    return Matrix(days=days, columns=shown, rest=[one for one in ordered if one not in shown], rows=rows)


def _find_days(day: date | None) -> list[date]:
    newest = clock.now().astimezone(CHINA).date() - timedelta(days=1)
    if day is not None and date(2000, 1, 1) < day <= newest - timedelta(days=DAYS):
        newest = day
    return [newest - timedelta(days=back) for back in range(DAYS)]


def _read_rows(scope: Scope, days: list[date]) -> list[BillDay]:
    rows: Any = BillDay.objects.filter(day__gte=days[-1], day__lte=days[0])
    if not scope.sees_all:
        rows = rows.filter(merchant__in=_find_own(scope))
    return list(rows.select_related("account__store", "bill").defer("bill__head", "bill__totals"))


def _find_own(scope: Scope) -> list[str]:
    """Merchant numbers all of whose accounts are the reader's."""
    return [
        merchant.key
        for merchant in find_merchants()
        if all(account.store_id in scope.store_ids for account in merchant.accounts)
    ]


def _make_column(row: BillDay) -> Column:
    store = row.account.store
    names = [store.name or store.store_no, _label_type(row)]
    return Column(
        merchant=row.merchant,
        title=say_merchant(row),
        note=" · ".join(filter(None, names)),
        account_id=row.account_id,
    )


def _label_type(row: BillDay) -> str:
    """The kind of bill, unless it is the one that is compared."""
    backend = find_wallet_class(row.account.wallet)
    kinds = backend.bill_types if backend else {}
    if row.bill_type == next(iter(kinds), row.bill_type):
        return ""
    return str(kinds[row.bill_type].label) if row.bill_type in kinds else row.bill_type


def _make_cell(row: BillDay, sums: OpenSums) -> Cell:
    state = State(row.state)
    look, icon = _LOOKS[state]
    word = str(state.label)
    # That a bill is late is a difference too: it is said once.
    if state in (State.COMPARED, State.NONE) and sums.number:
        look, icon = "bad", "stop"
        word = ngettext("%(number)d different", "%(number)d different", sums.number) % {"number": sums.number}
    elif state == State.COMPARED:
        word = _("agrees")
    paid = {currency: one["paid"] for currency, one in sorted(row.totals.items())}
    is_late = state == State.LATE
    asked = ngettext("asked %(number)d time", "asked %(number)d times", row.ask_count)
    backend = find_wallet_class(row.account.wallet)
    kind = backend.bill_types.get(row.bill_type) if backend else None
    is_fetched = kind is not None and kind.is_fetched
    return Cell(
        row=row,
        look=look,
        icon=icon,
        word=word,
        number=sums.number,
        amounts=dict(sums.amounts) or paid,
        lines=count_lines(row.totals),
        next_at=row.next_at if state == State.WAITING else None,
        is_fetched=is_fetched,
        asked=asked % {"number": row.ask_count} if is_late and row.ask_count else "",
        wants_file=state in (State.LATE, State.GONE, State.BROKEN)
        or (state == State.WAITING and not is_fetched),
    )
