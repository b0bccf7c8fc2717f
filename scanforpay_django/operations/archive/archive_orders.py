"""Move closed orders to a file, a batch at a time: written, read back, then deleted while nothing has changed."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError

from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import ArchivedNumber, ChainWriter, Order, Partner, Payment, Refund, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.operations.archive.archive_file import ArchiveError, ArchiveFile
from scanforpay_django.operations.archive.entries import Entry
from scanforpay_django.operations.archive.open_archive import open_for_writing
from scanforpay_django.operations.archive.order_rows import (
    OrderRows,
    delete_rows,
    find_references,
    keys_by_model,
    read_orders,
    stored_values,
)
from scanforpay_django.operations.archive.stay import CHANGED, REFERRED, find_reason_to_stay
from scanforpay_django.operations.archive.totals import Totals
from scanforpay_django.operations.chain.gaps import record_removal

DEFAULT_BATCH = 1000
#: more orders than that in one transaction would keep others waiting, and need more parameters than SQLite takes
MAX_BATCH = 5000


@dataclass
class Archived:
    """What a run came to."""

    # of the whole file, with what earlier runs wrote to it
    totals: Totals = field(default_factory=Totals)
    # why orders were left -> how many
    left: Counter[str] = field(default_factory=Counter)


def archive_orders(
    path: Path,
    before: datetime,
    *,
    batch: int = DEFAULT_BATCH,
    report: Callable[[Totals], None] = lambda _totals: None,
) -> Archived:
    """Move the orders created before a moment that are closed. ``report`` is called after each batch with what the file
    holds by then. The same call goes on where a killed one ended. Raises ArchiveError, OSError.
    """
    archived = Archived()
    with open_for_writing(path, before) as archive:
        for pks in _batches(before, batch):
            _archive_batch(archive, pks, archived.left)
            report(archive.totals)
        archive.append([], Totals(), is_last=True)
        archived.totals = archive.totals
    return archived


def _batches(before: datetime, size: int) -> Iterator[list[int]]:
    last = 0
    old = Order.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True)
    while pks := list(old.filter(pk__gt=last)[:size]):
        last = pks[-1]
        yield pks


def _archive_batch(archive: ArchiveFile, pks: list[int], left: Counter[str]) -> None:
    """What changed between the file and the database is left, and the batch written anew without it."""
    # The ledger is written from the rows: what the worker has not come to yet is posted before they go.
    post_orders(pks)
    while pks:
        found = _leave(read_orders(pks), left)
        if not found:
            return
        _write(archive, found)
        _keep_numbers(archive.name, found)
        try:
            changed = _delete_unchanged(archive.name, found)
        except IntegrityError as error:
            archive.cut_last()
            _release_numbers(found)
            raise ArchiveError(
                f"a table that is no model of Django's refers to an order of this batch, which stays: {error}"
            ) from error
        if not changed:
            return
        archive.cut_last()
        _release_numbers(found)
        left[CHANGED] += len(changed)
        pks = [pk for pk in found if pk not in changed]


def _leave(found: dict[int, OrderRows], left: Counter[str]) -> dict[int, OrderRows]:
    """Those that may go; the others are counted."""
    referred = find_references(found.values())
    gone = {}
    for pk, rows in found.items():
        reason = REFERRED.format(referred[pk]) if pk in referred else find_reason_to_stay(rows)
        if reason:
            left[reason] += 1
        else:
            gone[pk] = rows
    return gone


def _write(archive: ArchiveFile, found: dict[int, OrderRows]) -> None:
    orders = [rows[Order][0] for rows in found.values()]
    partners = Partner.objects.in_bulk({order.partner_id for order in orders})
    stores = Store.objects.in_bulk({order.store_id for order in orders})
    lines, totals = [], Totals()
    for order, rows in zip(orders, found.values(), strict=True):
        entry = Entry.from_rows(rows, partners[order.partner_id].partner_no, stores[order.store_id].store_no)
        lines.append(entry.line())
        totals.add_order(rows)
    archive.append(lines, totals)


def _keep_numbers(file_name: str, found: dict[int, OrderRows]) -> None:
    """Have create and refund find the numbers here, before they are gone from the orders.

    Committed before the deletion begins: a create that meets it waits for its end, and has looked here before that.
    What a killed run leaves does no harm, for the orders themselves are looked for as well.
    """
    numbers = list(_numbers(file_name, found))
    create_missing(ArchivedNumber.objects.all(), numbers, unique=["partner", "kind", "number"])


def _release_numbers(found: dict[int, OrderRows]) -> None:
    """Forget the numbers of orders that stay in the database."""
    order_nos = [rows[Order][0].order_no for rows in found.values()]
    ArchivedNumber.objects.filter(order_no__in=order_nos).delete()


def _delete_unchanged(file_name: str, found: dict[int, OrderRows]) -> set[int]:
    """Delete the batch if it is as it was written; else nothing is deleted, and the keys of what changed are
    returned.
    """
    ChainWriter.objects.begin()
    with atomic():
        locked = read_orders(list(found), lock=True)
        changed = {
            pk for pk in found if pk not in locked or stored_values(locked[pk]) != stored_values(found[pk])
        }
        changed |= set(find_references(locked.values()))
        if not changed:
            record_removal(keys_by_model(found.values()), f"archived to {file_name}")
            delete_rows(list(found), list(found.values()))
    return changed


def _numbers(file_name: str, found: dict[int, OrderRows]) -> Iterator[ArchivedNumber]:
    """The numbers that nothing else may have from now on."""
    kinds = ArchivedNumber.Kind
    for rows in found.values():
        (order,) = rows[Order]
        numbers = [(kinds.ORDER, order.partner_order_no)]
        numbers += [(kinds.PAYMENT, payment.out_trade_no) for payment in rows.get(Payment, ())]
        numbers += [(kinds.REFUND, refund.refund_no) for refund in rows.get(Refund, ()) if refund.refund_no]
        for kind, number in numbers:
            yield ArchivedNumber(
                partner_id=order.partner_id,
                kind=kind,
                number=number,
                order_no=order.order_no,
                file_name=file_name,
            )
