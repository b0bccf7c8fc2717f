"""After a restore a refund may have gone out already, under a number that the database does not know any more.

A submission that was refused leaves nothing at the platform, and the next one has the next number: to send the first
number again would refund twice. So the numbers that the refund could have had are asked about, before it is sent.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from scanforpay_django import clock
from scanforpay_django.exceptions import IdempotencyConflict
from scanforpay_django.flows.find_lost_payments import UNKNOWN_IN_A_ROW
from scanforpay_django.flows.record_refund import leased_refund
from scanforpay_django.flows.refund_rules import own_refunds
from scanforpay_django.models import Order, Refund, RestoreMark
from scanforpay_django.models.derived_numbers import derive_out_refund_no, derive_own_refund_no
from scanforpay_django.wallets.base import RefundResult, RefundState, Wallet


def find_lost_refund(refund: Refund, wallet: Wallet) -> RefundResult | None:
    """What the platform says of the submission that went out, under whose number ``refund`` then goes on; None when
    there is none. Raises PlatformError.
    """
    mark = RestoreMark.objects.newest()
    if mark is None or not _may_be_lost(refund, mark):
        return None
    unknown, is_anothers, free = 0, False, None
    for place, number in _possible_numbers(refund):
        if Refund.objects.filter(out_refund_no=number).exclude(pk=refund.pk).exists():
            unknown = 0
            continue
        result = wallet.query_refund(refund.payment.out_trade_no, number)
        if result.state is RefundState.NOT_FOUND:
            free = free or (place, number)
        elif result.state is RefundState.CLOSED:
            pass
        elif _may_be(refund, result):
            return result if _go_on_as(refund, place, number, sent_at=clock.now()) else None
        else:
            is_anothers = is_anothers or number == refund.out_refund_no
        unknown = unknown + 1 if result.state is RefundState.NOT_FOUND else 0
        if unknown >= UNKNOWN_IN_A_ROW:
            break
    if is_anothers and free is not None:
        # To send another amount under the number of a lost refund would be refused.
        _go_on_as(refund, *free)
    return None


def _may_be_lost(refund: Refund, mark: RestoreMark) -> bool:
    """The rows of order and payment may be younger than the refund: they were lost with it, and are here again."""
    paid_at = refund.payment.paid_at
    return mark.concerns(refund.order) or (paid_at is not None and paid_at <= mark.at)


def _possible_numbers(refund: Refund) -> Iterator[tuple[int, str]]:
    """The number that the refund has, and those that came after it."""
    if refund.refund_no:
        for place in count(refund.submission):
            yield place, derive_out_refund_no(refund.partner.partner_no, refund.refund_no, place)
    ordinal = own_refunds(refund.payment, refund.kind).filter(pk__lte=refund.pk).count()
    for place in count(ordinal):
        yield refund.submission, derive_own_refund_no(refund.kind, refund.payment.out_trade_no, place)


def _may_be(refund: Refund, result: RefundResult) -> bool:
    """The merchant's number is of one refund; the next of staff's is another one where its amount is."""
    return bool(refund.refund_no) or result.amount in (None, refund.amount)


def _go_on_as(refund: Refund, place: int, number: str, **columns: datetime) -> bool:
    """False where the lease was lost."""
    changed = {"out_refund_no": number, "submission": place, **columns}
    if not leased_refund(refund).update(**changed):
        return False
    for name, value in changed.items():
        setattr(refund, name, value)
    return True


def adopt_imported_refund(order: Order, refund_no: str, amount: int) -> Refund | None:
    """The merchant's refund whose row was lost, and that was taken for one of the platform's console when the platform
    spoke of it. Raises IdempotencyConflict.
    """
    imported = list(order.refunds.filter(source=Refund.Source.PLATFORM, refund_no=""))
    if not imported:
        return None
    partner_no = order.partner.partner_no
    places = {
        derive_out_refund_no(partner_no, refund_no, place): place for place in range(1, 1 + UNKNOWN_IN_A_ROW)
    }
    for refund in imported:
        if refund.out_refund_no in places:
            if refund.amount != amount:
                raise IdempotencyConflict
            refund.refund_no, refund.submission = refund_no, places[refund.out_refund_no]
            refund.source = Refund.Source.API
            refund.save(update_fields=["refund_no", "submission", "source"])
            return refund
    return None
