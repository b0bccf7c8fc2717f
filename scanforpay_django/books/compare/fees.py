"""Fees that are not what was agreed: of one account and day they are one difference, however many lines it has."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Min, Q, Sum, Value
from django.db.models.functions import Cast

from scanforpay_django import money
from scanforpay_django.books.compare.payments import payment_lines
from scanforpay_django.books.compare.values import BillSpan, Found, Kind
from scanforpay_django.models import WalletAccount
from scanforpay_django.wallets.bills.values import FEE_PLACES

KINDS = (Kind.FEE_RATE, Kind.DISCOUNT)
_RATE_SCALE = 10**5
#: half of what the databases' integers hold
_MAX_PRODUCT = 2**62


def compare_fees(span: BillSpan) -> Iterator[Found]:
    """Each line's fee with the account's agreed rate. Platforms round otherwise from year to year, so one minor unit
    more or less agrees.
    """
    agreed = [account for account in span.merchant.accounts if account.fee_rate is not None]
    # Without their payments, which are not to be looked for once more.
    currencies = (
        sorted(set(payment_lines(span).values_list("currency", flat=True).distinct())) if agreed else []
    )
    for account in agreed:
        for currency in currencies:
            yield from _compare_account(span, account, currency)


def _compare_account(span: BillSpan, account: WalletAccount, currency: str) -> Iterator[Found]:
    rate: Decimal = account.fee_rate
    lines = payment_lines(span).filter(payment__account=account, currency=currency, fee_currency=currency)
    of_currency: Any = lines.filter(_is_small(rate, currency))
    found = of_currency.annotate(off=_off(rate, currency)).aggregate(
        number=Count("pk", filter=_is_off(currency)),
        amount=Sum("amount", filter=_is_off(currency)),
        fees=Sum(Cast("fee", BigIntegerField()), filter=_is_off(currency)),
        first=Min("line_no", filter=_is_off(currency)),
    )
    if found["number"]:
        yield _describe(account.pk, rate, currency, found)


def _is_small(rate: Decimal, currency: str) -> Q:
    """Fees that can be multiplied. Billions are not paid; what is more than that is another amount than ours."""
    most = _MAX_PRODUCT // max(_agreed_units(rate, currency), 1)
    most_fee = _MAX_PRODUCT // (_RATE_SCALE * 10**FEE_PLACES)
    return Q(amount__lte=most, fee__gte=-most_fee, fee__lte=most_fee)


def _agreed_units(rate: Decimal, currency: str) -> int:
    """Of one minor unit, in units of 10**-10 of the major unit."""
    scale: int = 10 ** (FEE_PLACES - money.exponent(currency))
    return int(rate * _RATE_SCALE) * scale


def _off(rate: Decimal, currency: str) -> Any:
    """The fee less the agreed one, in units of 10**-10 of the major unit: integers, whatever the rate is."""
    agreed = _agreed_units(rate, currency)
    fee = Cast("fee", BigIntegerField()) * Value(_RATE_SCALE, output_field=BigIntegerField())
    return ExpressionWrapper(
        fee - F("amount") * Value(agreed, output_field=BigIntegerField()), output_field=BigIntegerField()
    )


def _is_off(currency: str) -> Q:
    minor = _RATE_SCALE * 10 ** (FEE_PLACES - money.exponent(currency))
    return Q(off__gt=minor) | Q(off__lt=-minor)


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
