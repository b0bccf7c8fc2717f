"""Our side and the platform's, which agree: every story of a payment that is no difference, on days and numbers."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from scanforpay_django.models import Order, Partner, Payment, Refund, Store, WalletAccount
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.books.bulk_rows import BulkRows
from tests.books.platform_copy import Bill, Line, foreign_line, line_of, line_of_refund

#: the last day of orders: its bill has a neighbour that is out too
LAST_DAY = date(2026, 11, 28)
ONE_DAY = timedelta(days=1)


def moment(day: date, text: str) -> datetime:
    """ "23:59:59.9" by the platforms' clock."""
    return datetime.combine(day, time.fromisoformat(text), CHINA)


@dataclass
class Sale:
    """A payment that both sides have, and its line."""

    payment: Payment
    day: date
    line: Line
    # with their days and lines
    refunds: list[tuple[Refund, date, Line]] = field(default_factory=list)


@dataclass
class MerchantNumber:
    """One merchant number: its accounts, what they collect, and the platform's days of it."""

    accounts: list[WalletAccount]
    currencies: tuple[str, ...]
    bills: dict[date, Bill]
    sales: list[Sale] = field(default_factory=list)

    @property
    def mchid(self) -> str:
        """As the platform writes it."""
        return str(self.accounts[0].config["mchid"])

    def put(self, day: date, line: Line) -> Line:
        """A line into the bill of a day, as the accounts' number has it."""
        line.mchid = self.mchid
        self.bills[day].add(line)
        return line

    def sub_merchant(self, account: WalletAccount) -> str:
        """As the lines of an account name it."""
        return str(account.config.get("sub_mchid", "0"))


def open_number(
    partner: Partner, mchid: str, days: int, *, wallet: str = "Wechat", sub_mchids: tuple[str, ...] = ("",)
) -> MerchantNumber:
    """A merchant number with an account for each sub-merchant, older than all bills."""
    accounts = []
    for sub_mchid in sub_mchids:
        store = Store.objects.create(partner=partner, store_no=f"{mchid}{sub_mchid[-2:]}", name="x")
        config = {"mchid": mchid, **({"sub_mchid": sub_mchid} if sub_mchid else {})}
        account = WalletAccount(store=store, wallet=wallet, config=config)
        account.created_at = moment(date(2026, 1, 1), "00:00")
        account.save()
        accounts.append(account)
    around = [LAST_DAY + timedelta(days=back) for back in range(1, -days - 1, -1)]
    currencies = ("HKD", "JPY", "USD") if wallet == "WechatGlobal" else ("CNY",)
    return MerchantNumber(accounts=accounts, currencies=currencies, bills={day: Bill(day) for day in around})


class AgreeingBooks:
    """Stories on numbers, at moments that the seed draws."""

    def __init__(self, numbers: list[MerchantNumber], days: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.rows = BulkRows(self.rng)
        self.numbers = numbers
        self.days = [LAST_DAY - timedelta(days=back) for back in reversed(range(days))]
        for number in numbers:
            for day in (self.days[0] - ONE_DAY, LAST_DAY + ONE_DAY):
                self._others(number, day)

    def fill(self, orders: int) -> None:
        """So many orders: mostly plain ones, and each other story again and again."""
        stories = self._stories()
        for count in range(orders):
            number = self.numbers[count % len(self.numbers)]
            # Of ten orders four are something special, all kinds in turn.
            step = count // len(self.numbers)
            special = stories[step * 4 // 10 % len(stories)]
            (special if step % 10 in (0, 3, 5, 8) else self.sell)(number, self.rng.choice(self.days))

    def _stories(self) -> list[Callable[[MerchantNumber, date], object]]:
        return [
            self._refund_once, self._refund_in_parts, self._refund_all, self._pay_before_midnight,
            self._pay_after_midnight, self._use_coupon, self._refund_on_its_way, self._finish_later, self._reverse,
            self._others, self._archive, self._expire, self._pay_twice, self._refund_at_midnight,
            self._fail_refund, self._refund_in_console, self._redirect_refund, self._wait_for_refund,
        ]  # fmt: skip

    # -- the stories -------------------------------------------------------------------------------

    def sell(self, number: MerchantNumber, day: date, at: str = "", **columns: object) -> Sale:
        """Paid, and in the bill of the same day."""
        account, currency = self.rng.choice(number.accounts), self.rng.choice(number.currencies)
        paid_at = moment(day, at) if at else self.draw(day)
        payment = self.rows.pay(account, paid_at, currency, **columns)
        line = number.put(day, line_of(payment, sub_mchid=number.sub_merchant(account)))
        number.sales.append(Sale(payment, day, line))
        return number.sales[-1]

    def draw(self, day: date) -> datetime:
        """A moment between one and eleven in the evening."""
        return moment(day, "01:00") + timedelta(seconds=self.rng.randrange(22 * 3600))

    def later(self, day: date, days: int) -> date:
        """So many days later, or the last one."""
        return min(day + timedelta(days=days), LAST_DAY)

    def give_back(
        self, number: MerchantNumber, sale: Sale, amount: int, day: date, **changes: object
    ) -> Refund:
        """A refund that both have on the same day."""
        refund = self.rows.refund(sale.payment, amount, moment(day, "23:30"))
        self.list_refund(number, sale, refund, day, **changes)
        return refund

    def list_refund(
        self, number: MerchantNumber, sale: Sale, refund: Refund, day: date, **changes: object
    ) -> Line:
        """Its line."""
        said = {"sub_mchid": sale.line.sub_mchid, "refund_id": f"5000{self.rows.digits(24)}", **changes}
        line = number.put(day, line_of_refund(refund, **said))
        sale.refunds.append((refund, day, line))
        return line

    def _refund_once(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day)
        self.give_back(number, sale, self.rng.randint(1, sale.payment.amount - 1), day)

    def _refund_in_parts(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day)
        for days in range(3):
            self.give_back(number, sale, sale.payment.amount // 4, self.later(day, days))

    def _refund_all(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day)
        self.give_back(number, sale, sale.payment.amount, self.later(day, 1))

    def _pay_before_midnight(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day, "23:59:59.9")
        self._move(number, sale, day + ONE_DAY, "00:00:00")

    def _pay_after_midnight(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day, "00:00:00")
        self._move(number, sale, day - ONE_DAY, "23:59:59")

    def _move(self, number: MerchantNumber, sale: Sale, day: date, at: str) -> None:
        """The platform has it on another day."""
        number.bills[sale.day].lines.remove(sale.line)
        sale.line.at = moment(day, at)
        number.put(day, sale.line)
        # It is no plain sale: what is missing in one bill may be in the other.
        number.sales.remove(sale)

    def _use_coupon(self, number: MerchantNumber, day: date) -> None:
        """The platform pays a part: all is settled."""
        line = self.sell(number, day).line
        line.coupon = line.amount // 3

    def _refund_on_its_way(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day)
        self.give_back(number, sale, sale.payment.amount // 2, day, refund_state="PROCESSING")

    def _finish_later(self, number: MerchantNumber, day: date) -> None:
        """Accepted on a day, and finished up to four days later."""
        sale = self.sell(number, day)
        sent_at = moment(day, "23:30")
        done_at = self.draw(self.later(day + ONE_DAY, self.rng.randint(0, 3)))
        refund = self.rows.refund(sale.payment, sale.payment.amount // 2, sent_at, finished_at=done_at)
        self.list_refund(number, sale, refund, day, refund_state="PROCESSING")

    def _reverse(self, number: MerchantNumber, day: date) -> None:
        """A barcode payment that was reversed at the till: paid and reversed there, closed here."""
        account = self.rng.choice(number.accounts)
        payment = self.rows.pay(account, self.draw(day), number.currencies[0], state="closed")
        said = {"sub_mchid": number.sub_merchant(account), "at": self.draw(day)}
        if self.rng.random() < 0.5:
            number.put(day, line_of(payment, **said))
        number.put(day, line_of(payment, state="REVOKED", **said))

    def _others(self, number: MerchantNumber, day: date) -> None:
        """A payment of another system, and sometimes its refund."""
        paid = foreign_line(f"{day} 12:00", currency=number.currencies[0])
        paid.out_trade_no, paid.trade_no = f"shop-{self.rows.digits(12)}", f"4200003026{self.rows.digits(18)}"
        paid.sub_mchid = number.sub_merchant(number.accounts[0])
        number.put(day, paid)
        if self.rng.random() < 0.3:
            self._refund_line(number, day, paid)

    def _refund_line(self, number: MerchantNumber, day: date, paid: Line) -> None:
        """A refund that was never here."""
        line = Line(
            paid.at, paid.out_trade_no, paid.trade_no, 100, paid.currency, "REFUND", refund_state="SUCCESS",
            refund_no=self.rows.number(), refund_id=f"5000{self.rows.digits(24)}", sub_mchid=paid.sub_mchid,
        )  # fmt: skip
        number.put(day, line)

    def _archive(self, number: MerchantNumber, day: date) -> None:
        """Its order is in a file; and it is refunded at the platform."""
        account = self.rng.choice(number.accounts)
        lost = BulkRows(self.rng).pay(account, self.draw(day), number.currencies[0])
        line = number.put(day, line_of(lost, sub_mchid=number.sub_merchant(account)))
        self.rows.archive(account, lost.out_trade_no)
        self._refund_line(number, day, line)

    def _expire(self, number: MerchantNumber, day: date) -> None:
        """Never paid."""
        self.rows.pay(number.accounts[0], self.draw(day), number.currencies[0], state="closed")

    def _pay_twice(self, number: MerchantNumber, day: date) -> None:
        """The second payment went back."""
        order: Order = self.sell(number, day).payment.order
        account = next(one for one in number.accounts if one.store_id == order.store.pk)
        at = {"order": order, "is_applied": False, "is_unapplied": True}
        second = self.rows.pay(account, self.draw(day), order.currency, **at)
        line = number.put(day, line_of(second, sub_mchid=number.sub_merchant(account)))
        refund = self.rows.refund(second, second.amount, moment(day, "23:40"), kind=Refund.Kind.DUPLICATE)
        self.list_refund(number, Sale(second, day, line), refund, day)

    def _refund_at_midnight(self, number: MerchantNumber, day: date) -> None:
        sale = self.sell(number, day)
        refund = self.rows.refund(sale.payment, sale.payment.amount // 2, moment(day, "23:59:59.9"))
        after = day + ONE_DAY
        self.list_refund(number, sale, refund, after, at=moment(after, "00:00"))
        number.sales.remove(sale)

    def _fail_refund(self, number: MerchantNumber, day: date) -> None:
        """Accepted there, and failed; or failed there at once."""
        sale = self.sell(number, day)
        refund = self.rows.refund(sale.payment, 50, moment(day, "23:30"), state=Refund.State.FAILED)
        self.list_refund(number, sale, refund, day, refund_state=self.rng.choice(["FAIL", "PROCESSING"]))
        number.sales.remove(sale)

    def _redirect_refund(self, number: MerchantNumber, day: date) -> None:
        """The payer could not be reached, and staff had it paid to a bank account."""
        sale = self.sell(number, day)
        refund = self.rows.refund(sale.payment, 50, moment(day, "23:30"), way=Refund.Way.MERCHANT)
        self.list_refund(number, sale, refund, day, refund_state="CHANGE")
        number.sales.remove(sale)

    def _refund_in_console(self, number: MerchantNumber, day: date) -> None:
        """It was imported, with the platform's number or without one."""
        sale, refund_id = self.sell(number, day), f"5000{self.rows.digits(24)}"
        known = {"refund_id": refund_id} if self.rng.random() < 0.5 else {}
        source = Refund.Source.PLATFORM
        refund = self.rows.refund(sale.payment, 60, moment(day, "23:30"), source=source, **known)
        self.list_refund(number, sale, refund, day, refund_no=self.rows.number(), refund_id=refund_id)
        number.sales.remove(sale)

    def _wait_for_refund(self, number: MerchantNumber, _day: date) -> None:
        """On its way since yesterday: a platform may take days."""
        sale = self.sell(number, LAST_DAY)
        waiting = {"state": Refund.State.PROCESSING, "finished_at": None}
        refund = self.rows.refund(sale.payment, 50, moment(LAST_DAY, "23:30"), **waiting)
        self.list_refund(number, sale, refund, LAST_DAY, refund_state="PROCESSING")
        number.sales.remove(sale)
