"""Differences that are a file's, and the whole program of both: edits, publishing in some order, answers."""

import hashlib
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from scanforpay_django import clock
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.models import BillDay, Difference
from tests.books.agreeing_books import AgreeingBooks, MerchantNumber
from tests.books.platform_copy import RATE, Bill, foreign_line
from tests.books.published import expect_bills, pack, publish
from tests.books.seeded import Answer, Kind, SeededLines, is_plain
from tests.wallets.bills.samples import FUND_HEAD, FUND_TOTALS, text, tick

Place = tuple[MerchantNumber, date]
#: what nothing in a bill brings about: it has to be missed
FILES = (Kind.BILL_LATE, Kind.BILL_BROKEN, Kind.BILL_CHANGED, Kind.FEE_SUM, Kind.BALANCE, Kind.LINE_UNREAD)


class SeededBooks(SeededLines):
    """``late`` are numbers of which no bill is published, ``cut`` those whose files are not whole."""

    def seed(self, variants: int, late: AgreeingBooks, cut: AgreeingBooks) -> None:
        """So many of each kind, in an order that is drawn."""
        self.late, self.cut = late, cut
        self.begin()
        self._totals: dict[tuple[str, date], dict[str, str]] = {}
        self._first_versions: dict[tuple[str, date], Bill] = {}
        self._balances: dict[tuple[str, date], tuple[str, ...]] = {}
        self._places: dict[str, Iterator[Place]] = {}
        todo = [(kind, variant) for kind in Kind for variant in range(variants)]
        self.rng.shuffle(todo)
        for kind, variant in todo:
            getattr(self, str(kind))(variant)

    def find_answers(self) -> set[Answer]:
        """All that has to be found, and nothing else."""
        return {find() for find in self.answers}

    def _next_place(self, kind: Kind) -> Place:
        """A bill of CNY, each once for a kind."""
        if kind not in self._places:
            numbers = [number for number in self.numbers if "CNY" in number.currencies]
            places = [(number, day) for number in numbers for day in self.days]
            self.rng.shuffle(places)
            self._places[kind] = iter(places)
        return next(place for place in self._places[kind] if (place[0].mchid, place[1]) not in self.mixed)

    # -- fees --------------------------------------------------------------------------------------

    def _take_once(self, kind: Kind, *, is_agreed: bool) -> tuple[MerchantNumber, object]:
        """A sale of an account, currency and day that the kind does not have yet: its lines are one difference."""
        seen = self.__dict__.setdefault(f"_seen_{kind}", set())

        def wants(number: MerchantNumber, sale: object) -> bool:
            place = (sale.payment.account_id, sale.line.currency, sale.day)
            is_right = sale.payment.account.fee_rate is not None or not is_agreed
            return is_right and place not in seen and is_plain(number, sale)

        number, sale = self.take(wants)
        seen.add((sale.payment.account_id, sale.line.currency, sale.day))
        self.answer(number, sale.day, kind, f"{sale.payment.account_id} {sale.line.currency}")
        return number, sale

    def fee_rate(self, variant: int) -> None:
        """More or less than agreed."""
        _number, sale = self._take_once(Kind.FEE_RATE, is_agreed=True)
        agreed = Decimal(sale.line.amount) / 100 * RATE
        sale.line.fee = agreed + (Decimal("0.05"), Decimal("-0.02"))[variant % 2]

    def discount(self, _variant: int) -> None:
        """A coupon of the merchant's own."""
        _number, sale = self._take_once(Kind.DISCOUNT, is_agreed=False)
        sale.line.settled = sale.line.amount - 10

    # -- files -------------------------------------------------------------------------------------

    def _set_total(self, number: MerchantNumber, day: date, **totals: str) -> None:
        self.summed.add((number.mchid, day))
        self._totals.setdefault((number.mchid, day), {}).update(totals)

    def fee_sum(self, _variant: int) -> None:
        """The total of fees is not theirs."""
        number, day = self._next_place(Kind.FEE_SUM)
        self._set_total(number, day, fees="9999.99999")
        self.answer(number, day, Kind.FEE_SUM, "0:0:total_differs:手续费总金额")

    def bill_broken(self, variant: int) -> None:
        """Another count, a line of another day. (Each day of the cut numbers is one more.)"""
        number, day = self._next_place(Kind.BILL_BROKEN)
        if variant % 2:
            self._set_total(number, day, count="99999")
            self.answer(number, day, Kind.BILL_BROKEN, "0:0:total_differs:总交易单数")
        else:
            line = number.put(day, foreign_line(f"{day - timedelta(days=30)} 12:00"))
            line.sub_mchid = number.sub_merchant(number.accounts[0])
            self.answer_line(number, day, Kind.BILL_BROKEN, line, "day:交易时间")

    def line_unread(self, variant: int) -> None:
        """A word of tomorrow's in a payment or a refund, which is then missing; the totals have it all the same."""
        is_refund = bool(variant % 2)
        number, sale = self.take(
            lambda number, one: (
                bool(one.refunds) == is_refund
                and not self.mixed & {(number.mchid, day) for day in (one.day, *(r[1] for r in one.refunds))}
            )
        )
        if is_refund:
            refund, day, line = sale.refunds[0]
            line.refund_state, field = "WAITING", "退款状态"
            finished_on = refund.finished_at.astimezone(sale.line.at.tzinfo).date()
            self.answer(number, finished_on, Kind.REFUND_MISSING_THERE, refund.out_refund_no)
        else:
            day, line = sale.day, sale.line
            line.state, field = "PAYERROR", "交易状态"
            self.answer(number, day, Kind.MISSING_THERE, line.out_trade_no)
        self.summed.add((number.mchid, day))
        self.answer_line(number, day, Kind.LINE_UNREAD, line, f"word_unknown:{field}")
        if "CNY" in number.currencies:
            self.answer(number, day, Kind.FEE_SUM, "0:0:total_differs:手续费总金额")
            self.answer(number, day, Kind.BILL_BROKEN, "0:0:total_differs:退款总金额")
            self.answer(number, day, Kind.BILL_BROKEN, "0:0:total_differs:申请退款总金额")

    def bill_late(self, _variant: int) -> None:
        """Never published: each day of the late numbers is one, more than variants are wanted."""

    def bill_changed(self, _variant: int) -> None:
        """Published again, with a line less."""
        number, day = self._next_place(Kind.BILL_CHANGED)
        self._first_versions[number.mchid, day] = Bill(day)

        def find() -> Answer:
            digest = hashlib.sha256(pack(self._write(number, number.bills[day]))).hexdigest()
            return number.mchid, day, str(Kind.BILL_CHANGED), digest[:12]

        self.answers.append(find)

    def balance(self, _variant: int) -> None:
        """Of all movements of a day."""
        number, day = self._next_place(Kind.BALANCE)
        self._balances[number.mchid, day] = ("110.00", "125.00", "135.00")
        self.answer(number, day, Kind.BALANCE, "closing")

    # -- published ---------------------------------------------------------------------------------

    def publish_all(self, rng: random.Random) -> None:
        """Each bill, in an order that is drawn; then those that are published again, and those that never are."""
        for number in [*self.numbers, *self.late.numbers, *self.cut.numbers]:
            expect_bills(number.accounts[0], number.bills)
        places = [(number, day) for number in [*self.numbers, *self.cut.numbers] for day in number.bills]
        rng.shuffle(places)
        for number, day in places:
            self._publish(number, day)
        rng.shuffle(places)
        for number, day in places:
            if (number.mchid, day) in self._first_versions:
                publish(number.accounts[0], number.bills[day], self._write(number, number.bills[day]))
        self._miss_late()

    def _publish(self, number: MerchantNumber, day: date) -> None:
        account, bill = number.accounts[0], number.bills[day]
        if number in self.cut.numbers:
            publish(account, bill, cut(bill.trade()))
            return
        if (number.mchid, day) in self._first_versions:
            bill = Bill(day, [*bill.lines, foreign_line(f"{day} 12:00", mchid=number.mchid)])
        publish(account, bill, self._write(number, bill))
        # The fund bill of the last day adds up, where none is edited.
        if (number is self.numbers[0] and day == self.days[-1]) or (number.mchid, day) in self._balances:
            balances = self._balances.get((number.mchid, day), ("110.00", "120.00", "130.00"))
            publish(account, Bill(day), fund_bill(day, balances), "fund")

    def _write(self, number: MerchantNumber, bill: Bill) -> bytes:
        if "CNY" not in number.currencies:
            return bill.statement()
        return bill.trade(**self._totals.get((number.mchid, bill.day), {}))

    def _miss_late(self) -> None:
        """The schedule asks for what is not out."""
        days = [number.mchid for number in self.late.numbers]
        BillDay.objects.filter(number__in=days).update(next_at=clock.now())
        while reconcile_due():
            continue

    def answer_whole_numbers(self) -> None:
        """What each day of the late and of the cut numbers comes to."""
        for number in self.late.numbers:
            for day in number.bills:
                self.answer(number, day, Kind.BILL_LATE, "bill")
        for number in self.cut.numbers:
            for day in number.bills:
                self.answer(number, day, Kind.BILL_BROKEN, "0:0:cut:")


def cut(raw: bytes) -> bytes:
    """Without the totals at its end."""
    return b"\r\n".join(raw.split(b"\r\n")[:-3]) + b"\r\n"


def fund_bill(day: date, balances: tuple[str, ...]) -> bytes:
    """A bill of movements of 10.00, with the balance after each."""
    begin = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
    rows = [
        tick(
            f"{begin + timedelta(minutes=place):%Y-%m-%d %H:%M:%S}", "wx-1", f"42{day:%m%d}{place}", "订单入账", "交易",
            "收入", "10.00", balance, "operator", "", "T100",
        )
        for place, balance in enumerate(balances)
    ]  # fmt: skip
    totals = tick(str(len(rows)), str(len(rows)), f"{10 * len(rows)}.00", "0", "0.00")
    return text(tick(*FUND_HEAD.split(",")), *rows, tick(*FUND_TOTALS.split(",")), totals)


def read_open() -> set[Answer]:
    """What was found, and is there still."""
    rows = Difference.objects.open().select_related("day")
    return {(row.day.number, row.day.day, row.kind, row.number) for row in rows}
