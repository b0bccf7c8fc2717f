"""What a bill says, as the shapes read it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

#: decimals of a fee, of the currency's major unit
FEE_PLACES = 5
#: the longest number that is taken for one
MAX_NUMBER = 64


class BillKind(enum.StrEnum):
    """What a line of a bill is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    # the platform gave up on it: the money stayed with the merchant, or came back
    FAILED_REFUND = "failed_refund"
    # a barcode payment that was reversed, or a payment that the platform cancelled
    REVERSAL = "reversal"
    # of a bill of all movements of the account: its balance rose, or fell
    INCOME = "income"
    EXPENSE = "expense"


class ProblemCode(enum.StrEnum):
    """What is wrong with a file or with one line."""

    # the file has no head that is known
    HEAD_UNKNOWN = "head_unknown"
    # a column that no known shape has; the others are read
    COLUMN_UNKNOWN = "column_unknown"
    # the line is kept as it came, and counts as nothing
    LINE_UNREAD = "line_unread"
    # a status or type that is not known: the line counts as nothing
    WORD_UNKNOWN = "word_unknown"
    # what the bill says of its lines together is not so
    TOTAL_DIFFERS = "total_differs"
    # the file does not end as such files end
    CUT = "cut"
    # of another merchant
    PARTY = "party"
    # of another day
    DAY = "day"
    # more lines than are kept did not read
    TOO_MANY = "too_many"


class BillLine(NamedTuple):
    """One line. A tuple and not a dataclass, because a bill may have a million; its order is that of the columns in
    which it is stored.
    """

    # which file of the archive, from 0
    part: int
    # from 1
    line_no: int
    kind: str
    # the platform's own word, and for a refund its state
    word: str
    # of the payment; "" where the bill does not name it
    out_trade_no: str
    trade_no: str
    out_refund_no: str
    refund_id: str
    # the platform's number of the movement
    flow_no: str
    at: datetime
    # ISO 4217
    currency: str
    # minor units of ``currency``, never negative: ``kind`` says the direction
    amount: int
    # ISO 4217, "" as long as ``settled`` is None
    settled_currency: str
    # minor units of ``settled_currency`` that go to the merchant before fees, negative when taken; None: not said
    settled: int | None
    # minor units of ``currency`` that coupons paid; None: not said
    coupon: int | None
    # hundred-thousandths of the major unit, positive when taken from the merchant; None: the bill says no fee
    fee_units: int | None
    fee_currency: str
    rate: str
    # whose it is, where one bill is of several merchants
    party: str
    # minor units after the movement; None: not said
    balance: int | None
    # what the merchant's order carried, without escapes; "" where it cannot be known
    reference: str

    @property
    def fee(self) -> Decimal | None:
        """In major units, with five decimals."""
        return None if self.fee_units is None else Decimal(self.fee_units).scaleb(-FEE_PLACES)


@dataclass(frozen=True, kw_only=True)
class BillProblem:
    """Something that a person has to look at."""

    code: ProblemCode
    part: int = 0
    # from 1; 0: the file as a whole
    line_no: int = 0
    # the column or the total, as the file names it
    field: str = ""
    # what it says, and what was expected or added up
    stated: str = ""
    expected: str = ""
    # the line as it came, "" for a problem of the file
    raw: str = ""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a bill is meant to be."""

    first_day: date
    last_day: date
    # the merchant's numbers at the platform; empty: not compared
    parties: frozenset[str] = frozenset()
    # the same for a provider's merchant; empty: any
    sub_parties: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class BillSummary:
    """A file as a whole, complete when its lines have been read."""

    head: str = ""
    # as the file writes them: name -> text
    totals: dict[str, str] = field(default_factory=dict)
    # lines that tell of something, read or not
    line_count: int = 0
    unread_count: int = 0
    # True: it ends as such files end, and its totals are all there. None: nothing in such a file says where it ends
    is_whole: bool | None = None


#: name of a total -> what the lines add up to, in major units
Sums = Mapping[str, Decimal]
