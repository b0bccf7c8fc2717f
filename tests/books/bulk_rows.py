"""Our side by the ten thousand: orders, payments, refunds and notifications in memory, then all in a few statements.

Numbers and amounts are drawn from one seed, so that two runs have the same rows.
"""

import random
import string
from datetime import datetime, timedelta
from typing import Any

from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import ArchivedNumber, Notification, Order, Payment, Refund, WalletAccount

_SIGNS = string.ascii_letters + string.digits
TOGETHER = 500


class BulkRows:
    """Rows that ``save`` writes. They name each other as objects."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.orders: list[Order] = []
        self.payments: list[Payment] = []
        self.refunds: list[Refund] = []
        self.notifications: list[Notification] = []
        self.archived: list[ArchivedNumber] = []

    def number(self, length: int = 28) -> str:
        """As our numbers look."""
        return "".join(self.rng.choices(_SIGNS, k=length))

    def digits(self, length: int) -> str:
        """As platforms' numbers look."""
        return "".join(self.rng.choices(string.digits, k=length))

    def order(self, account: WalletAccount, at: datetime, amount: int, currency: str, state: str) -> Order:
        """One order, paid at the moment if it is paid at all."""
        number = len(self.orders)
        self.orders.append(
            Order(
                partner=account.store.partner, store=account.store, order_no=f"S{number:023}",
                partner_order_no=f"p{number}", wallet=account.wallet, amount=amount, currency=currency,
                fingerprint="f", state=state, paid_at=at if state == Order.State.PAID else None,
                created_at=at, expires_at=at + timedelta(minutes=30),
            )
        )  # fmt: skip
        return self.orders[-1]

    def pay(
        self, account: WalletAccount, at: datetime, currency: str = "CNY", amount: int = 0, **columns: Any
    ) -> Payment:
        """A payment with an order of its own, or ``order``."""
        amount = amount or self.rng.randint(100, 50_000)
        state = columns.get("state", Payment.State.PAID)
        is_paid = state == Payment.State.PAID
        stands = Order.State.PAID if is_paid else Order.State.EXPIRED
        order = columns.pop("order", None) or self.order(account, at, amount, currency, stands)
        paid: dict[str, Any] = {}
        if is_paid:
            paid = {"paid_amount": order.amount, "paid_currency": order.currency, "paid_at": at}
            paid |= {"is_applied": True, "trade_no": f"4200002026{self.digits(18)}"}
        self.payments.append(
            Payment(
                order=order, account=account, wallet=account.wallet, product="jsapi", amount=order.amount,
                currency=order.currency, out_trade_no=self.number(), created_at=at, expires_at=order.expires_at,
                **{**paid, "state": state, **columns},
            )
        )  # fmt: skip
        return self.payments[-1]

    def refund(self, payment: Payment, amount: int, sent_at: datetime, **columns: Any) -> Refund:
        """A refund that arrived when it was sent, unless the columns say something else."""
        order = payment.order
        values = {"state": Refund.State.SUCCEEDED, "finished_at": sent_at, **columns}
        refund = Refund(
            partner=order.partner, order=order, payment=payment, amount=amount, currency=order.currency,
            out_refund_no=self.number(), created_at=sent_at, sent_at=sent_at, next_at=None, **values,
        )  # fmt: skip
        if refund.state == Refund.State.SUCCEEDED:
            payment.refunded_amount += amount
        elif not refund.is_final():
            payment.reserved_amount += amount
        self.refunds.append(refund)
        return refund

    def give_up(self, payment: Payment, at: datetime, refund: Refund | None = None) -> None:
        """The merchant never answered."""
        self.notifications.append(
            Notification(
                order=payment.order, partner=payment.order.partner, url="https://shop.example/notify", endpoint="e",
                content="{}", state=Notification.State.EXHAUSTED, created_at=at, alarmed_at=at,
                last_reason="HTTP 500", kind="refund" if refund else "paid", refund=refund,
            )
        )  # fmt: skip

    def archive(self, account: WalletAccount, out_trade_no: str) -> None:
        """A payment's order is in an archive file: only its number is left."""
        self.archived.append(
            ArchivedNumber(
                partner=account.store.partner, kind=ArchivedNumber.Kind.PAYMENT, number=out_trade_no,
                order_no=f"A{len(self.archived)}", file_name="2026.zip",
            )
        )  # fmt: skip

    def save(self) -> None:
        """All rows, and the ledger of all orders."""
        for rows in (self.orders, self.payments, self.refunds, self.notifications, self.archived):
            if rows:
                type(rows[0]).objects.bulk_create(rows, batch_size=TOGETHER)
        post_orders([order.pk for order in self.orders])
