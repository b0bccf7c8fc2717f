"""Put orders of an archive back into the database, with the keys that they had."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connections, models, router

from scanforpay_django.models import ArchivedNumber, ChainWriter, Order, Partner, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.archive.archive_file import ArchiveError
from scanforpay_django.operations.archive.entries import Entry, Header
from scanforpay_django.operations.archive.open_archive import open_for_reading
from scanforpay_django.operations.archive.order_rows import ARCHIVED_MODELS, PARTS, Model, Part
from scanforpay_django.operations.chain.gaps import record_return

# PostgreSQL counts keys up by itself, and does not see those that are given.
MOVE_SEQUENCE = """\
SELECT setval(sequence, newest)
FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence, (SELECT MAX(id) FROM {table}) AS newest) AS moved
WHERE newest > COALESCE(pg_sequence_last_value(sequence), 0)
"""


@dataclass
class Imported:
    """What an import came to."""

    # orders with a row that was put back
    orders: int = 0
    # orders that were there, equal to the archive's
    present: int = 0
    # rows that were put back
    rows: int = 0
    # whether the archive's run had ended
    is_complete: bool = False


def import_orders(path: Path, order_nos: Collection[str] = ()) -> Imported:
    """Put back the orders with these numbers, ours or the merchant's; all without any. One transaction for each batch
    of the file. Raises ArchiveError, OSError; batches before that stay imported, and the same call may be repeated.
    """
    imported = Imported()
    with open_for_reading(path) as (header, _archive, members):
        header.check_fields()
        for member in members:
            # What is cut short was not deleted from the database.
            if member.closing:
                entries = [Entry.read(line) for line in member.lines]
                _import_batch(
                    path.name, header, [entry for entry in entries if _is_wanted(entry, order_nos)], imported
                )
                imported.is_complete = member.is_last
    if imported.rows:
        _move_sequences()
    return imported


def _is_wanted(entry: Entry, numbers: Collection[str]) -> bool:
    return not numbers or entry.order_no in numbers or entry.partner_order_no in numbers


def _import_batch(file_name: str, header: Header, entries: list[Entry], imported: Imported) -> None:
    if not entries:
        return
    ChainWriter.objects.begin()
    try:
        with atomic():
            _check_merchants(header, entries)
            missing, keys = _insert_missing(header, entries)
            record_return(keys, f"imported from {file_name}")
            ArchivedNumber.objects.filter(order_no__in=[entry.order_no for entry in entries]).delete()
    except IntegrityError as error:
        raise ArchiveError(
            f"rows of the batch with order {entries[0].order_no} collide with other rows of the database; none of it "
            f"was imported: {error}"
        ) from error
    imported.rows += sum(missing.values())
    imported.orders += len(missing)
    imported.present += len(entries) - len(missing)


def _insert_missing(header: Header, entries: list[Entry]) -> tuple[dict[str, int], dict[Model, list[int]]]:
    """Insert the rows that are not there: order number -> how many, and their keys. Raises ArchiveError when one is
    there and differs.
    """
    missing: dict[str, int] = {}
    keys: dict[Model, list[int]] = {}
    decoded = {entry.order_no: entry.decode(header) for entry in entries}
    for part in PARTS:
        names = header.fields.get(part.name, [])
        archived = {row.pk: (no, row) for no, rows in decoded.items() for row in rows.get(part.model, ())}
        present = part.rows.in_bulk(list(archived))
        _refuse_different(part, names, archived, present)
        new = {pk: found for pk, found in archived.items() if pk not in present}
        _check_referred(part, new)
        part.rows.bulk_create([row for _no, row in new.values()])
        for order_no, _row in new.values():
            missing[order_no] = missing.get(order_no, 0) + 1
        keys[part.model] = list(new)
    return missing, keys


def _refuse_different(
    part: Part, names: list[str], archived: dict[Any, tuple[str, Any]], present: dict[Any, Any]
) -> None:
    for pk, row in present.items():
        order_no, wanted = archived[pk]
        differing = [name for name in names if getattr(row, name) != getattr(wanted, name)]
        if differing:
            raise ArchiveError(
                f"order {order_no}: {part.name} {pk} is in the database with another {', '.join(differing)}; nothing "
                "of its batch was imported. Name the orders that you want with --order"
            )


def _check_merchants(header: Header, entries: list[Entry]) -> None:
    """In another database the keys of partner and store may be those of another merchant."""
    orders = {entry.order_no: _first_row(header, entry) for entry in entries}
    partners = Partner.objects.in_bulk({row["partner_id"] for row in orders.values()})
    stores = Store.objects.in_bulk({row["store_id"] for row in orders.values()})
    for entry in entries:
        partner = partners.get(orders[entry.order_no]["partner_id"])
        store = stores.get(orders[entry.order_no]["store_id"])
        if partner is None or partner.partner_no != entry.partner_no:
            raise ArchiveError(
                f"order {entry.order_no}: partner {entry.partner_no} is not in this database as it was"
            )
        if store is None or store.store_no != entry.store_no:
            raise ArchiveError(
                f"order {entry.order_no}: store {entry.store_no} is not in this database as it was"
            )


def _first_row(header: Header, entry: Entry) -> dict[str, Any]:
    name = Order.__name__
    return dict(zip(header.fields[name], entry.rows[name][0], strict=True))


def _check_referred(part: Part, new: dict[Any, tuple[str, Any]]) -> None:
    """What the rows refer to outside of the family is there: accounts, staff, restore marks."""
    for field in _outside_keys(part):
        wanted = {getattr(row, field.attname): no for no, row in new.values()}
        wanted.pop(None, None)
        target: Any = field.related_model
        missing = set(wanted) - set(target._default_manager.in_bulk(list(wanted)))  # noqa: SLF001
        if missing:
            pk = min(missing)
            raise ArchiveError(
                f"order {wanted[pk]}: its {part.name} refers to {target._meta.verbose_name} {pk}, which is not in this "
                "database: it was deleted since"
            )


def _outside_keys(part: Part) -> Iterator["models.ForeignKey[Any, Any]"]:
    for field in part.model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model not in ARCHIVED_MODELS:
            yield field


def _move_sequences() -> None:
    """In a new database the next key would be one that was imported."""
    for part in PARTS:
        connection = connections[router.db_for_write(part.model)]
        if connection.vendor == "postgresql":
            table = connection.ops.quote_name(part.model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(MOVE_SEQUENCE.format(table=table), [table])
