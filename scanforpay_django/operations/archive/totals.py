"""What an archive holds, counted: rows by table, money by currency."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.operations.archive.order_rows import OrderRows

#: the sums kept for each currency, integers in its minor unit: what was ordered, what payers paid, what was refunded
SUMS = ("ordered", "paid", "refunded")


@dataclass
class Totals:
    """Counts and sums; the sums of all batches are those of the file."""

    orders: int = 0
    # model name -> number of rows
    rows: Counter[str] = field(default_factory=Counter)
    # "CNY ordered" -> minor units
    money: Counter[str] = field(default_factory=Counter)

    def add_order(self, rows: OrderRows) -> None:
        """Count one order with its rows."""
        self.orders += 1
        for model, kind in rows.items():
            self.rows[model._meta.object_name or ""] += len(kind)
        (order,) = rows[Order]
        self.money[f"{order.currency} ordered"] += order.amount
        for payment in rows.get(Payment, ()):
            if payment.state == Payment.State.PAID:
                self.money[f"{payment.paid_currency} paid"] += payment.paid_amount or 0
        for refund in rows.get(Refund, ()):
            if refund.state == Refund.State.SUCCEEDED:
                self.money[f"{refund.currency} refunded"] += refund.amount

    def add(self, other: "Totals") -> None:
        """Count the rows and the money of another batch."""
        self.orders += other.orders
        self.rows.update(other.rows)
        self.money.update(other.money)

    def as_json(self) -> dict[str, Any]:
        """As the archive's last line has it."""
        return {"orders": self.orders, "rows": dict(self.rows), "money": dict(self.money)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read from the archive's last line."""
        return cls(orders=data["orders"], rows=Counter(data["rows"]), money=Counter(data["money"]))

    def money_lines(self) -> list[str]:
        """A line for each currency, for people."""
        currencies = sorted({key.split()[0] for key in self.money})
        return [
            f"{currency}: " + ", ".join(f"{name} {self.money[f'{currency} {name}']}" for name in SUMS)
            for currency in currencies
        ]
