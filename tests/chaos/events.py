"""Making messages as settling does, and the accounting of every one. Import after ``django.setup()``."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import Error, connection, transaction

from scanforpay_django import clock
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Notification, Order, Partner, SignKey, Store, WalletAccount
from tests.chaos.books import save_settled


def seed(partners: int) -> list[Store]:
    """Stores of as many partners: each is an endpoint of its own."""
    stores = []
    for number in range(partners):
        partner = Partner.objects.create(partner_no=f"{10000 + number}", name="Shop")
        key = SignKey(partner=partner)
        key.set_secret(f"key-of-{number}")
        key.save()
        stores.append(Store.objects.create(partner=partner, store_no=f"{number:012d}", name="Shop"))
    return stores


def paid_order(store: Store, url: str, number: int, amount: int = 2100) -> Order:
    """An order as the settling transaction leaves it."""
    now = clock.now()
    return Order(
        partner=store.partner, store=store, partner_order_no=f"p{number}", wallet="Wechat", currency="CNY", title="Tea",
        notify_url=url, fingerprint="f", expires_at=now + timedelta(minutes=30), state=Order.State.PAID, paid_at=now,
        amount=amount,
    )  # fmt: skip


@dataclass
class Ledger:
    """What was promised to merchants: message id -> the moment its COMMIT was begun."""

    committed: dict[str, float] = field(default_factory=dict)
    rolled_back: set[str] = field(default_factory=set)
    # commits whose answer was lost, settled by reading again
    unknown: int = 0
    # "database is locked" and the like, met by the writer
    errors: list[str] = field(default_factory=list)

    def write(self, order: Order, account: WalletAccount, *, roll_back: bool) -> None:
        """One settling transaction."""
        message_id, begun = "", 0.0
        try:
            with transaction.atomic():
                save_settled(order, account)
                made = enqueue(order)
                assert made is not None
                message_id, begun = made.message_id, time.monotonic()
                transaction.set_rollback(roll_back)
        except Error as error:
            self.errors.append(str(error))
            self._settle(message_id, begun)
        else:
            self._enter(message_id, begun, not roll_back)

    def _enter(self, message_id: str, begun: float, is_committed: bool) -> None:
        if is_committed:
            self.committed[message_id] = begun
        elif message_id:
            self.rolled_back.add(message_id)

    def _settle(self, message_id: str, begun: float) -> None:
        """The connection was cut: only the table knows whether the commit was done."""
        self.unknown += 1
        while True:
            try:
                connection.close()
                found = Notification.objects.filter(message_id=message_id).exists()
            except Error:
                time.sleep(0.1)
            else:
                return self._enter(message_id, begun, found)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One request as the sink saw it."""

    at: float
    status: int
    path: str
    message_id: str
    digest: str


def read_journal(journal: Path) -> list[Receipt]:
    """The sink's lines; one it is still writing is left out."""
    lines = journal.read_text().rpartition("\n")[0].splitlines()
    found = []
    for line in lines:
        at, status, path, message_id, digest = line.split(" ")
        found.append(
            Receipt(at=float(at), status=int(status), path=path, message_id=message_id, digest=digest)
        )
    return found


@dataclass(kw_only=True)
class Account:
    """What became of every event."""

    committed: int
    lost: int
    without_commit: int
    before_commit: int
    duplicates: int
    changed_duplicates: int
    not_settled: int

    def holds(self, most_duplicates: float) -> bool:
        """The promise; ``most_duplicates`` is a part of what was committed."""
        faults = (
            self.lost,
            self.without_commit,
            self.before_commit,
            self.changed_duplicates,
            self.not_settled,
        )
        return not any(faults) and self.duplicates < most_duplicates * self.committed


def account(ledger: Ledger, receipts: Sequence[Receipt]) -> Account:
    """Compare what was promised with what arrived."""
    arrived: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        arrived[receipt.message_id].append(receipt)
    taken = {key: [one for one in found if one.status == 200] for key, found in arrived.items()}
    return Account(
        committed=len(ledger.committed),
        lost=sum(1 for key in ledger.committed if not taken.get(key)),
        without_commit=len(arrived.keys() - ledger.committed.keys()),
        before_commit=sum(
            1 for key, found in arrived.items() if min(one.at for one in found) < ledger.committed.get(key, 0)
        ),
        duplicates=sum(max(0, len(found) - 1) for found in taken.values()),
        changed_duplicates=sum(1 for found in arrived.values() if len({one.digest for one in found}) > 1),
        not_settled=Notification.objects.exclude(state=Notification.State.DELIVERED).count(),
    )


def rolls_back() -> bool:
    """One transaction in ten is rolled back."""
    return random.random() < 0.1
