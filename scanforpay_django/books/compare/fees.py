"""Fees that are not what was agreed: of one account and day they are one difference, however many lines it has."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Case, Count, ExpressionWrapper, F, Min, Q, Sum, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan, LessThan

from scanforpay_django import money
from scanforpay_django.books.compare.payments import payment_lines
from scanforpay_django.books.compare.values import BillSpan, Found, Kind
from scanforpay_django.models import WalletAccount
from scanforpay_django.wallets.bills.values import FEE_PLACES

KINDS = (Kind.FEE_RATE, Kind.DISCOUNT)
_RATE_SCALE = 10**5
#: half of what the databases' integers hold
_MAX_PRODUCT = 2**62


def find_off(span: BillSpan, currencies: Collection[str]) -> Q:
    """Which lines have another fee than their account's agreed one. Accounts of the same rate are one condition."""
    accounts: dict[Decimal, list[int]] = defaultdict(list)
    for account in span.merchant.accounts:
        if account.fee_rate is not None:
            accounts[account.fee_rate].append(account.pk)
    is_off = Q(pk__in=[])
    for rate, ids in accounts.items():
        for currency in sorted(currencies):
            is_off |= _belongs_to(ids, currency) & _is_off(rate, currency)
    return is_off


def compare_fees(span: BillSpan, currencies: Collection[str]) -> Iterator[Found]:
    """Each line's fee with the account's agreed rate. Platforms round otherwise from year to year, so one minor unit
    more or less agrees. When ``count_payments`` has counted some: it takes a look at each payment.
    """
    agreed = [account for account in span.merchant.accounts if account.fee_rate is not None]
    for account in agreed:
        for currency in sorted(currencies):
            yield from _compare_account(span, account, currency)


def _compare_account(span: BillSpan, account: WalletAccount, currency: str) -> Iterator[Found]:
    rate: Decimal = account.fee_rate
    off = payment_lines(span).filter(_belongs_to([account.pk], currency) & _is_off(rate, currency))
    found = off.aggregate(
        number=Count("pk"),
        amount=Sum("amount"),
        fees=Sum(Cast("fee", BigIntegerField())),
        first=Min("line_no"),
    )
    if found["number"]:
        yield _describe(account.pk, rate, currency, found)


def _belongs_to(accounts: Collection[int], currency: str) -> Q:
    return Q(payment__account__in=accounts, currency=currency, fee_currency=currency, fee__isnull=False)


def _is_small(rate: Decimal, currency: str) -> Q:
    """Fees that can be multiplied. Billions are not paid; what is more than that is another amount than ours."""
    most = _MAX_PRODUCT // max(_agreed_units(rate, currency), 1)
    most_fee = _MAX_PRODUCT // (_RATE_SCALE * 10**FEE_PLACES)
    return Q(amount__lte=most, fee__gte=-most_fee, fee__lte=most_fee)


def _agreed_units(rate: Decimal, currency: str) -> int:
    """Of one minor unit, in units of 10**-10 of the major unit."""
    scale: int = 10 ** (FEE_PLACES - money.exponent(currency))
    return int(rate * _RATE_SCALE) * scale


def _is_off(rate: Decimal, currency: str) -> Q:
    """The fee less the agreed one, in units of 10**-10 of the major unit: integers, whatever the rate is."""
    minor = _RATE_SCALE * 10 ** (FEE_PLACES - money.exponent(currency))
    fee = Cast("fee", BigIntegerField()) * Value(_RATE_SCALE, output_field=BigIntegerField())
    agreed = F("amount") * Value(_agreed_units(rate, currency), output_field=BigIntegerField())
    # CASE, since a database may evaluate the parts of a condition in any order.
    off = Case(
        When(_is_small(rate, currency), then=ExpressionWrapper(fee - agreed, output_field=BigIntegerField())),
        default=Value(0, output_field=BigIntegerField()),
    )
    return Q(GreaterThan(off, minor)) | Q(LessThan(off, -minor))


def _describe(account_id: int, rate: Decimal, currency: str, found: dict[str, Any]) -> Found:
    scale = 10 ** (FEE_PLACES - money.exponent(currency))
    amount, taken = int(found["amount"]), int(found["fees"])
    agreed = int(amount * rate)
    return Found(
        kind=Kind.FEE_RATE,
        number=f"{account_id} {currency}",
        account_id=account_id,
        field="fee",
        ours=f"{_percent(rate)} agreed",
        theirs=f"{_percent(Decimal(taken) / scale / amount)} taken",
        amount=taken // scale - agreed,
        currency=currency,
        details={"lines": found["number"], "line": found["first"], "paid": amount},
    )


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f} %"


def compare_discounts(span: BillSpan) -> Iterator[Found]:
    """A coupon of the merchant's own is settled below the order's amount: nothing is missing, the books are net."""
    below = payment_lines(span).filter(
        payment__id__isnull=False, settled_currency=F("currency"), settled__lt=F("amount")
    )
    groups = below.values("payment__account", "currency").annotate(
        number=Count("pk"), paid=Sum("amount"), net=Sum("settled"), first=Min("line_no")
    )
    for row in groups.order_by("payment__account", "currency"):
        currency, paid, net = row["currency"], int(row["paid"]), int(row["net"])
        yield Found(
            kind=Kind.DISCOUNT,
            number=f"{row['payment__account']} {currency}",
            account_id=row["payment__account"],
            field="settled",
            ours=money.to_major(paid, currency),
            theirs=money.to_major(max(net, 0), currency),
            amount=paid - net,
            currency=currency,
            details={"lines": row["number"], "line": row["first"]},
        )
