"""Ask the platforms about staff's and automatic refunds of recent payments that the copy does not know."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from scanforpay_django.flows.find_own_refunds import find_own_refunds
from scanforpay_django.models import Payment, RestoreMark
from scanforpay_django.operations.recovery.ask import TOGETHER, Asked, Askers, Pace

#: payments that were paid so long before the copy are asked about; bills show the refunds of older ones
RECENT = timedelta(days=2)


def ask_about_refunds(
    mark: RestoreMark, *, recent: timedelta, per_second: float, threads: int, report: Callable[[Asked], None]
) -> Asked:
    """Every payment of the time that is lost, and of ``recent`` before it, once: it may be broken off and repeated.
    ``report`` is called now and then.
    """
    asked, pace, reached = Asked(), Pace(per_second), 0
    with Askers(threads) as askers:
        for part in _find_parts(mark, recent):
            for payment, found in askers.ask(part, partial(find_own_refunds, before_each=pace.wait)):
                asked.count(payment.out_trade_no, found)
                if not asked.faults:
                    reached = payment.pk
            RestoreMark.objects.filter(pk=mark.pk, refunds_asked_to__lt=reached).update(
                refunds_asked_to=reached
            )
            report(asked)
    return asked


def _find_parts(mark: RestoreMark, recent: timedelta) -> Iterator[list[Payment]]:
    """By the key, from where the last command got to."""
    last = mark.refunds_asked_to
    paid = Payment.objects.filter(
        state=Payment.State.PAID, paid_at__gte=(mark.backup_from or mark.at) - recent, paid_at__lte=mark.at
    ).select_related("account", "order")
    while part := list(paid.filter(pk__gt=last).order_by("pk")[:TOGETHER]):
        yield part
        last = part[-1].pk
