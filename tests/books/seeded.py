"""Differences of every kind, seeded into the platform's side of books that agree, with the answers written down.

Ours stays as it is: what an edit needs here (an open payment, a refund that failed) agrees as long as the platform does
not list it. ``seeded_files`` has the edits of files, this module those of lines.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from scanforpay_django.models import Difference, Refund, WalletAccount
from tests.books.agreeing_books import LAST_DAY, ONE_DAY, AgreeingBooks, MerchantNumber, Sale, moment
from tests.books.bulk_rows import BulkRows
from tests.books.platform_copy import Line, line_of, line_of_refund

Kind = Difference.Kind
#: merchant number, day, kind and number: what a difference is known by
Answer = tuple[str, date, str, str]
#: before these a refund that is still on its way has been so for more than three days
PENDING_UNTIL = LAST_DAY - timedelta(days=2)
_OTHER_CURRENCY = {"CNY": "USD", "HKD": "USD", "USD": "HKD", "JPY": "USD"}


def is_plain(_number: MerchantNumber, sale: Sale) -> bool:
    """Neither refunded nor paid with a coupon."""
    return not sale.refunds and not sale.line.coupon


class SeededLines(AgreeingBooks):
    """Edits of lines. Each takes a sale for itself, so that no edit hides another."""

    def begin(self) -> None:
        """After ``fill``: draw the sequence in which sales are edited."""
        self._free = [(number, sale) for number in self.numbers for sale in number.sales]
        self.rng.shuffle(self._free)
        #: bills of several currencies, whose totals nobody can compare; and those whose totals are edited
        self.mixed: set[tuple[str, date]] = set()
        self.summed: set[tuple[str, date]] = set()
        #: found out when all lines have their places
        self.answers: list[Callable[[], Answer]] = []

    def take(self, wants: Callable[[MerchantNumber, Sale], bool] = is_plain) -> tuple[MerchantNumber, Sale]:
        """A sale that no other edit has."""
        place = next(place for place, one in enumerate(self._free) if wants(*one))
        return self._free.pop(place)

    def answer(self, number: MerchantNumber, day: date, kind: Kind, text: str) -> None:
        """One difference that has to be found."""
        self.answers.append(lambda: (number.mchid, day, str(kind), text))

    def answer_line(self, number: MerchantNumber, day: date, kind: Kind, line: Line, problem: str) -> None:
        """The same of a line that the file's place names."""

        def find() -> Answer:
            place = next(place for place, one in enumerate(number.bills[day].lines, start=2) if one is line)
            return number.mchid, day, str(kind), f"0:{place}:{problem}"

        self.answers.append(find)

    def remove(self, number: MerchantNumber, day: date, line: Line) -> None:
        """It is not in the bill any more."""
        lines = number.bills[day].lines
        del lines[next(place for place, one in enumerate(lines) if one is line)]

    def _draw_place(self) -> tuple[MerchantNumber, date, WalletAccount, str]:
        number = self.rng.choice(self.numbers)
        account, currency = self.rng.choice(number.accounts), self.rng.choice(number.currencies)
        return number, self.rng.choice(self.days), account, currency

    # -- payments ----------------------------------------------------------------------------------

    def unknown_order(self, _variant: int) -> None:
        """It was made here, and is lost."""
        number, day, account, currency = self._draw_place()
        lost = BulkRows(self.rng).pay(account, self.draw(day), currency)
        lost.order.order_no = f"L{self.rows.digits(20)}"
        line = number.put(day, line_of(lost, sub_mchid=number.sub_merchant(account)))
        self.answer(number, day, Kind.UNKNOWN_ORDER, line.out_trade_no)

    def _pay_there(self, state: str, kind: Kind) -> None:
        number, day, account, currency = self._draw_place()
        payment = self.rows.pay(account, self.draw(day), currency, state=state)
        number.put(day, line_of(payment, at=self.draw(day), sub_mchid=number.sub_merchant(account)))
        self.answer(number, day, kind, payment.out_trade_no)

    def paid_there_open_here(self, variant: int) -> None:
        """In each of the states that may still be paid."""
        self._pay_there(("created", "open", "closing")[variant % 3], Kind.PAID_THERE_OPEN_HERE)

    def paid_there_closed_here(self, variant: int) -> None:
        """Closed or failed."""
        self._pay_there(("closed", "failed")[variant % 2], Kind.PAID_THERE_CLOSED_HERE)

    def missing_there(self, _variant: int) -> None:
        """Its line is gone."""
        number, sale = self.take()
        self.remove(number, sale.day, sale.line)
        self.answer(number, sale.day, Kind.MISSING_THERE, sale.line.out_trade_no)

    def amount(self, variant: int) -> None:
        """A minor unit more or less, or a lot."""
        number, sale = self.take()
        sale.line.amount += (1, -1, 10_000)[variant % 3]
        self.answer(number, sale.day, Kind.AMOUNT, sale.line.out_trade_no)

    def currency(self, _variant: int) -> None:
        """The same digits in another currency."""
        number, sale = self.take(
            lambda number, one: (number.mchid, one.day) not in self.summed and is_plain(number, one)
        )
        self.mixed.add((number.mchid, sale.day))
        sale.line.currency = _OTHER_CURRENCY[sale.line.currency]
        self.answer(number, sale.day, Kind.CURRENCY, sale.line.out_trade_no)

    def number(self, _variant: int) -> None:
        """Another number of the platform's."""
        number, sale = self.take()
        sale.line.trade_no = f"4200009999{self.rows.digits(18)}"
        self.answer(number, sale.day, Kind.NUMBER, sale.line.out_trade_no)

    def double_payment(self, variant: int) -> None:
        """A second attempt, closed or open here, was paid there too."""
        number, sale = self.take()
        account, state = sale.payment.account, ("closed", "open")[variant % 2]
        second = self.rows.pay(account, self.draw(sale.day), state=state, order=sale.payment.order)
        number.put(sale.day, line_of(second, at=self.draw(sale.day), sub_mchid=sale.line.sub_mchid))
        self.answer(number, sale.day, Kind.DOUBLE_PAYMENT, second.out_trade_no)

    def duplicate_line(self, variant: int) -> None:
        """A payment twice: in one bill, in the next, in the one before and in a later one; a refund twice."""
        number, sale = self.take(
            lambda _number, one: len(one.refunds) == 1 if variant % 6 > 3 else not one.refunds
        )
        line, day, text = sale.line, sale.day, sale.line.out_trade_no
        if variant % 6 > 3:
            refund, day, line = sale.refunds[0]
            text = refund.out_refund_no
        other = (day, day + ONE_DAY, day - ONE_DAY, self._far_from(day), day, day + ONE_DAY)[variant % 6]
        number.put(other, replace(line, at=line.at + (other - day)))
        self.answer(number, other, Kind.DUPLICATE_LINE, text)

    def _far_from(self, day: date) -> date:
        """A day that is no neighbour."""
        return self.rng.choice([one for one in self.days if abs((one - day).days) > 1])

    def revoked_there(self, variant: int) -> None:
        """With a line for the payment, or without one."""
        number, sale = self.take()
        if variant % 2:
            self.remove(number, sale.day, sale.line)
        number.put(sale.day, replace(sale.line, state="REVOKED"))
        self.answer(number, sale.day, Kind.REVOKED_THERE, sale.line.out_trade_no)

    def party(self, variant: int) -> None:
        """Another merchant, another sub-merchant, a payment of another number of ours."""
        (self._other_merchant, self._other_sub_merchant, self._strange_payment)[variant % 3]()

    def _other_merchant(self) -> None:
        number, sale = self.take()
        sale.line.mchid = f"18{self.rows.digits(8)}"
        self.answer_line(number, sale.day, Kind.PARTY, sale.line, "party:商户号")

    def _other_sub_merchant(self) -> None:
        number, sale = self.take(lambda number, one: len(number.accounts) > 1 and is_plain(number, one))
        own = {number.sub_merchant(account) for account in number.accounts}
        sale.line.sub_mchid = self.rng.choice([*sorted(own - {sale.line.sub_mchid}), "1900000199"])
        self.answer(number, sale.day, Kind.PARTY, sale.line.out_trade_no)

    def _strange_payment(self) -> None:
        """In place of one of the number's own, so that two counts still agree."""
        own, missing = self.take(lambda number, one: _collects(number, "CNY") and is_plain(number, one))
        _other, sale = self.take(
            lambda number, one: number is not own and _collects(number, "CNY") and one.day == missing.day
        )
        self.remove(own, missing.day, missing.line)
        own.put(sale.day, replace(sale.line, sub_mchid=missing.line.sub_mchid))
        self.answer(own, missing.day, Kind.MISSING_THERE, missing.line.out_trade_no)
        self.answer(own, sale.day, Kind.PARTY, sale.line.out_trade_no)

    # -- refunds -----------------------------------------------------------------------------------

    def _console_line(self, number: MerchantNumber, sale: Sale, amount: int) -> Line:
        payment = sale.payment
        said = {
            "amount": amount,
            "state": "REFUND",
            "refund_state": "SUCCESS",
            "at": moment(sale.day, "23:45"),
        }
        said |= {"refund_no": f"C{self.rows.digits(12)}", "refund_id": f"5000{self.rows.digits(24)}"}
        return number.put(sale.day, line_of(payment, sub_mchid=sale.line.sub_mchid, attach="", **said))

    def refund_unknown(self, variant: int) -> None:
        """In the console; and one that failed here."""
        number, sale = self.take()
        if variant % 2:
            failed = self.rows.refund(sale.payment, 50, moment(sale.day, "23:30"), state=Refund.State.FAILED)
            line = number.put(sale.day, line_of_refund(failed, sub_mchid=sale.line.sub_mchid))
        else:
            line = self._console_line(number, sale, 50)
        self.answer(number, sale.day, Kind.REFUND_UNKNOWN, line.refund_no)

    def refund_missing_there(self, _variant: int) -> None:
        """Its line is gone; it is missed on the day on which it was finished."""
        number, sale = self.take(lambda _number, one: bool(one.refunds))
        refund, day, line = self.rng.choice(sale.refunds)
        self.remove(number, day, line)
        finished_at = refund.finished_at
        assert finished_at is not None
        finished_on = finished_at.astimezone(moment(day, "00:00").tzinfo).date()
        self.answer(number, finished_on, Kind.REFUND_MISSING_THERE, refund.out_refund_no)

    def refund_amount(self, variant: int) -> None:
        """A minor unit less, or more where more is left."""
        off = (-1, 1)[variant % 2]
        number, sale = self.take(
            lambda _number, one: _left(one) > 0 and any(r[0].amount > 1 for r in one.refunds)
        )
        refund, day, line = next(one for one in sale.refunds if one[0].amount > 1)
        line.amount += off
        self.answer(number, day, Kind.REFUND_AMOUNT, refund.out_refund_no)

    def refund_failed_there(self, variant: int) -> None:
        """Failed, or the payer could not be reached."""
        number, sale = self.take(lambda _number, one: bool(one.refunds))
        refund, day, line = self.rng.choice(sale.refunds)
        line.refund_state = ("FAIL", "CHANGE")[variant % 2]
        self.answer(number, day, Kind.REFUND_FAILED_THERE, refund.out_refund_no)

    def refund_pending(self, variant: int) -> None:
        """Not known to be accepted here, or never finished."""
        number, sale = self.take(lambda number, one: one.day <= PENDING_UNTIL and is_plain(number, one))
        state = ("processing", "requested", "unknown")[variant % 3]
        sent_at = moment(sale.day, "23:30")
        refund = self.rows.refund(sale.payment, 50, sent_at, state=state, finished_at=None)
        said = ("PROCESSING", "SUCCESS")[variant % 2]
        line = line_of_refund(refund, sub_mchid=sale.line.sub_mchid, refund_state=said)
        number.put(sale.day, line)
        self.answer(number, sale.day, Kind.REFUND_PENDING, refund.out_refund_no)

    def over_refunded(self, variant: int) -> None:
        """One more in the console, or one of ours with a larger amount."""
        if variant % 2:
            number, sale = self.take(lambda _number, one: len(one.refunds) == 1)
            refund, day, line = sale.refunds[0]
            line.amount += _left(sale) + 1
            self.answer(number, day, Kind.REFUND_AMOUNT, refund.out_refund_no)
        else:
            number, sale = self.take(lambda _number, one: _left(one) == 0)
            day, line = sale.day, self._console_line(number, sale, 1)
            self.answer(number, day, Kind.REFUND_UNKNOWN, line.refund_no)
        self.answer(number, day, Kind.OVER_REFUNDED, line.refund_no)

    # -- merchants ---------------------------------------------------------------------------------

    def not_notified(self, variant: int) -> None:
        """The shop never answered. That alone is no matter of the platform's."""
        is_refund = bool(variant % 2)
        number, sale = self.take(lambda _number, one: bool(one.refunds) == is_refund)
        refund = sale.refunds[0][0] if is_refund else None
        at = refund.finished_at if refund else sale.payment.paid_at
        assert at is not None
        self.rows.give_up(sale.payment, at + ONE_DAY, refund)
        text = refund.out_refund_no if refund else sale.payment.out_trade_no
        self.answer(number, at.astimezone(moment(sale.day, "00:00").tzinfo).date(), Kind.NOT_NOTIFIED, text)


def _collects(number: MerchantNumber, currency: str) -> bool:
    return currency in number.currencies


def _left(sale: Sale) -> int:
    """Of what was paid, after all refunds."""
    return sale.payment.amount - sale.payment.refunded_amount
