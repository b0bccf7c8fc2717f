"""What the lines of an archive say: the header, and an order with all its rows."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from django.db import models

from scanforpay_django import __version__, clock
from scanforpay_django.models import Order
from scanforpay_django.operations.archive.archive_file import FORMAT, ArchiveError, Member, encode_line
from scanforpay_django.operations.archive.json_values import decode_row, encode_row, field_names
from scanforpay_django.operations.archive.order_rows import PARTS, Model, OrderRows, stored_fields

ARCHIVE = "scanforpay_django"


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line: how to read the others."""

    # of this project, when the file was begun
    version: str
    written_at: str
    # orders created before this moment, in UTC
    before: str
    # model name -> the columns, in the sequence in which the rows have them
    fields: dict[str, list[str]]

    @classmethod
    def new(cls, before: datetime) -> Self:
        """That of a file that is begun now."""
        return cls(
            version=__version__,
            written_at=clock.now().isoformat(),
            before=before.astimezone(UTC).isoformat(),
            fields={part.name: field_names(part.model) for part in PARTS},
        )

    def line(self) -> bytes:
        """As it is written."""
        return encode_line({"archive": ARCHIVE, "format": FORMAT, **vars(self)})

    @classmethod
    def read(cls, member: Member | None) -> Self:
        """From the first member of a file. Raises ArchiveError."""
        try:
            data = json.loads(member.lines[0]) if member else {}
            is_ours = data.pop("archive", "") == ARCHIVE and bool(member and member.closing)
        except (ValueError, LookupError, AttributeError, TypeError):
            is_ours = False
        if not is_ours:
            raise ArchiveError("this file has no whole header of an archive of orders; it is left as it is")
        if data.pop("format", 0) != FORMAT:
            raise ArchiveError(
                f"this archive has another format; version {data['version']} wrote it and reads it"
            )
        return cls(**data)

    def check_fields(self) -> None:
        """Raises ArchiveError when the rows do not fit into the tables of this version."""
        models_by_name = {part.name: part.model for part in PARTS}
        for name, columns in self.fields.items():
            if name not in models_by_name:
                raise ArchiveError(
                    f"{name} is no table of this version: version {self.version} wrote the archive"
                )
            _check_columns(models_by_name[name], columns, self.version)


def _check_columns(model: Model, columns: list[str], version: str) -> None:
    fields = {field.attname: field for field in stored_fields(model)}
    unknown = sorted(set(columns) - set(fields))
    unfilled = sorted(name for name in set(fields) - set(columns) if not _may_be_left_out(fields[name]))
    if unknown or unfilled:
        names = ", ".join(unknown or unfilled)
        raise ArchiveError(
            f"{model.__name__} has other columns than in version {version}, which wrote the archive ({names}): "
            "import it with that version, then migrate"
        )


def _may_be_left_out(field: "models.Field[Any, Any]") -> bool:
    return field.null or field.has_default() or field.has_db_default()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One order of an archive."""

    order_no: str
    partner_order_no: str
    # whose it is: keys may belong to others in another database
    partner_no: str
    store_no: str
    # model name -> rows -> columns
    rows: dict[str, list[list[Any]]]

    @classmethod
    def from_rows(cls, rows: OrderRows, partner_no: str, store_no: str) -> Self:
        """The entry of an order that was read."""
        (order,) = rows[Order]
        return cls(
            order_no=order.order_no,
            partner_order_no=order.partner_order_no,
            partner_no=partner_no,
            store_no=store_no,
            rows={part.name: [encode_row(row) for row in rows.get(part.model, ())] for part in PARTS},
        )

    def line(self) -> bytes:
        """As it is written."""
        return encode_line(vars(self))

    @classmethod
    def read(cls, line: bytes) -> Self:
        """From a line of the file."""
        return cls(**json.loads(line))

    def decode(self, header: Header) -> OrderRows:
        """The rows, not saved."""
        return {
            part.model: [
                decode_row(part.model, header.fields[part.name], values)
                for values in self.rows.get(part.name, ())
            ]
            for part in PARTS
            if part.name in header.fields
        }

    def named_rows(self, header: Header) -> dict[str, list[dict[str, Any]]]:
        """The rows with their columns' names, for people."""
        return {
            name: [dict(zip(header.fields[name], values, strict=True)) for values in rows]
            for name, rows in self.rows.items()
        }
