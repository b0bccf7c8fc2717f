"""Keeping a bill: its bytes into the storage, and a row of what it is."""

import os
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.core.files.base import File
from django.db import IntegrityError

from scanforpay_django.models import BillFile, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.wallets.base import FetchedBill
from scanforpay_django.wallets.bills.proof import sha256_packed

_ENDINGS = {b"\x1f\x8b": ".csv.gz", b"PK": ".zip"}


@dataclass(frozen=True, kw_only=True)
class BillOf:
    """What a bill is of."""

    account: WalletAccount
    bill_type: str
    # of the platform's calendar; the same for a bill of one day
    first_day: date
    last_day: date


def keep_bill(
    of: BillOf, file: IO[bytes], *, source: BillFile.Source, fetched: FetchedBill, by: str = ""
) -> BillFile:
    """The bill's row, the one that is there already where the bytes are the same. Called outside a transaction."""
    digest = sha256_packed(file)
    known = _find(of, digest) or _find_by_hash(of, fetched.platform_hash)
    if known is not None:
        if source == BillFile.Source.API:
            _note_fetched(known, fetched)
        return known
    file.seek(0, os.SEEK_END)
    bill = BillFile(
        account=of.account,
        bill_type=of.bill_type,
        day=of.first_day,
        last_day=of.last_day,
        source=source,
        uploaded_by=by,
        size=file.tell(),
        sha256=digest,
        platform_hash=fetched.platform_hash,
    )
    # Rows after bytes: a crash between them leaves a file without a row, and never a row without a file.
    bill.packed.save(_ending(file), File(file), save=False)
    return _insert(of, bill)


def _note_fetched(bill: BillFile, fetched: FetchedBill) -> None:
    """What was uploaded is what the platform says: it is read anew, as fetched."""
    settled = (BillFile.State.STORED, BillFile.State.READ, BillFile.State.BROKEN)
    uploaded = BillFile.objects.filter(pk=bill.pk, source=BillFile.Source.UPLOAD, state__in=settled)
    uploaded.update(
        source=BillFile.Source.API, platform_hash=fetched.platform_hash, state=BillFile.State.STORED
    )
    bill.refresh_from_db()


def note_no_bill(of: BillOf) -> BillFile:
    """The platform says that there is none: that is kept as a bill without bytes."""
    known = _find(of, "")
    return known or _insert(
        of,
        BillFile(
            account=of.account,
            bill_type=of.bill_type,
            day=of.first_day,
            last_day=of.last_day,
            source=BillFile.Source.API,
            state=BillFile.State.NONE,
            is_whole=True,
        ),
    )


def _find(of: BillOf, digest: str) -> BillFile | None:
    return BillFile.objects.filter(
        account=of.account, bill_type=of.bill_type, day=of.first_day, sha256=digest
    ).first()


def _find_by_hash(of: BillOf, platform_hash: str) -> BillFile | None:
    """The platform's hash is over the unpacked file, which a packed one has beside the moment of its packing."""
    if not platform_hash:
        return None
    return (
        BillFile.objects.find_versions(of.account, of.bill_type, of.first_day)
        .filter(platform_hash=platform_hash)
        .first()
    )


def _insert(of: BillOf, bill: BillFile) -> BillFile:
    """Two processes may have fetched the same bill: one of their files goes."""
    try:
        with atomic():
            bill.save()
    except IntegrityError:
        known = _find(of, bill.sha256)
        if known is None:
            raise
        if bill.packed and bill.packed.name != known.packed.name:
            bill.packed.delete(save=False)
        return known
    return bill


def _ending(file: IO[bytes]) -> str:
    file.seek(0)
    beginning = file.read(2)
    file.seek(0)
    return _ENDINGS.get(beginning, ".csv")
