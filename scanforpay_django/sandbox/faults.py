"""Misbehaving on demand: which faults there are, and who is struck by the next one.

A fault is armed for everywhere, for a merchant, for a trade or for a customer, and for a number of times. It
is taken, once per time, at the place its stage names:

- ``answer``: an API call, once per call; may be narrowed to one operation.
- ``call``: an API call that is carried out or refused, once per call.
- ``message``: a notification, once per message, all its repetitions included.
- ``try``: one sending of a notification; its repetitions are right again unless more are armed.
- ``payment``: a payment, once per trade. What is false about a trade stays false, in notifications and queries alike.
- ``refund``: a refund, once per refund.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q

from .models import Merchant, SandboxFault, Trade


@dataclass(frozen=True)
class Kind:
    """A fault that can be armed: its name, where it strikes and what it spoils."""

    stage: str
    # for people
    words: str
    # how long it takes unless armed otherwise
    seconds: int = 0


OPERATIONS = (
    "create", "query", "close", "cancel", "refund", "refund_query", "bill", "list", "certificates",
    "token",
)  # fmt: skip

FAULTS: dict[str, Kind] = {
    "notify-late": Kind("message", "the notification comes after some seconds", 10),
    "notify-never": Kind("message", "no notification comes"),
    "notify-twice": Kind("message", "the notification comes again although it was taken"),
    "notify-8x": Kind("message", "the notification comes eight times at once"),
    "notify-out-of-order": Kind("message", "the trade's next notification overtakes this one", 20),
    "notify-before-answer": Kind("payment", "paid and notified before the create call answers"),
    "bad-signature": Kind("try", "a notification with a wrong signature"),
    "unknown-key": Kind("try", "a notification signed by an unknown key"),
    "stale-timestamp": Kind("try", "a notification signed an hour ago"),
    "signtest": Kind("try", "WeChat's probe WECHATPAY/SIGNTEST/ in place of the signature"),
    "wrong-amount": Kind("payment", "the platform collects one unit more than was asked"),
    "wrong-currency": Kind("payment", "the platform collects another currency (not Alipay: it names none)"),
    "wrong-merchant": Kind("payment", "the platform names another merchant"),
    "pay-after-close": Kind("payment", "the customer pays a closed or expired trade"),
    "pay-twice": Kind("payment", "a second phone pays another trade of the same order, closed or not"),
    "answer-slow": Kind("answer", "the answer takes some seconds", 6),
    "cut-connection": Kind("answer", "the connection is cut; nothing was carried out"),
    "act-then-timeout": Kind("answer", "carried out; no answer for some seconds, then the connection is cut", 15),
    "http-500": Kind("answer", "HTTP 500; nothing was carried out"),
    "http-429": Kind("answer", "HTTP 429; nothing was carried out"),
    "list-not-granted": Kind("call", "Alipay's list of sales is refused: the product was not granted"),
    "answer-bad-signature": Kind("answer", "the answer's signature is wrong"),
    "refund-pending": Kind("refund", "the refund stays in processing until somebody finishes it"),
    "refund-abnormal": Kind("refund", "the refund does not reach the customer"),
    "refund-failed": Kind("refund", "the refund fails"),
    "not-enough": Kind("refund", "the merchant's balance is too small for the refund"),
    "refund-too-soon": Kind("refund", "less than a minute after the trade's last refund it is refused"),
}  # fmt: skip
LIES = ("wrong-amount", "wrong-currency", "wrong-merchant")


class FaultError(ValueError):
    """A fault that cannot be armed; the text says why."""


def arm(
    name: str,
    *,
    count: int = 1,
    trade: Trade | None = None,
    merchant: Merchant | None = None,
    phone_user: str = "",
    operation: str = "",
    seconds: Decimal | int | str | None = None,
) -> SandboxFault:
    """Let ``name`` strike the next ``count`` times. Raises FaultError."""
    if name not in FAULTS:
        raise FaultError(f"there is no fault {name!r}: {', '.join(FAULTS)}")
    if operation and operation not in OPERATIONS:
        raise FaultError(f"there is no operation {operation!r}: {', '.join(OPERATIONS)}")
    try:
        took = Decimal(FAULTS[name].seconds if seconds in (None, "") else str(seconds))
    except ArithmeticError:
        raise FaultError(f"not seconds: {seconds!r}") from None
    if not 0 <= took <= 600 or not 1 <= count <= 1000:
        raise FaultError("seconds must be 0 to 600, the count 1 to 1000")
    return SandboxFault.objects.create(
        name=name,
        remaining=count,
        trade=trade,
        merchant=merchant,
        phone_user=phone_user,
        operation=operation,
        seconds=took,
    )


def take(
    names: str | Iterable[str],
    *,
    merchant: Merchant | None,
    trade: Trade | None = None,
    phone_user: str = "",
    operation: str = "",
) -> SandboxFault | None:
    """The armed fault that strikes here, used up by one; the narrowest scope first. None for none.

    An API call about a trade that no customer has opened yet is struck by any customer's fault.
    """
    names = [names] if isinstance(names, str) else list(names)
    user = phone_user or (trade.payer.phone_user if trade is not None and trade.payer is not None else "")
    armed = SandboxFault.objects.filter(name__in=names, remaining__gt=0, operation__in={"", operation})
    nobody_yet = Q() if operation == "create" and not user else Q(phone_user__in=["", user])
    homes = [one.pk for one in (merchant, merchant.provider if merchant else None) if one is not None]
    found = armed.filter(nobody_yet, Q(merchant=None) | Q(merchant__in=homes), Q(trade=None) | Q(trade=trade))
    for fault in sorted(found, key=_narrowness, reverse=True):
        if armed.filter(pk=fault.pk).update(remaining=F("remaining") - 1):
            return fault
    return None


def any_armed(names: Iterable[str]) -> bool:
    """Whether one of ``names`` is armed for anything at all."""
    return SandboxFault.objects.filter(name__in=names, remaining__gt=0).exists()


def _narrowness(fault: SandboxFault) -> tuple[bool, bool, bool, int]:
    return fault.trade_id is not None, fault.phone_user != "", fault.merchant_id is not None, -fault.pk


def is_armed(name: str, *, merchant: Merchant, trade: Trade, phone_user: str = "") -> bool:
    """Whether ``name`` would strike here, without using it up."""
    found = SandboxFault.objects.filter(name=name, remaining__gt=0, phone_user__in=["", phone_user])
    return found.filter(Q(merchant=None) | Q(merchant=merchant), Q(trade=None) | Q(trade=trade)).exists()


def clear() -> None:
    """Disarm all faults, of every platform."""
    SandboxFault.objects.all().delete()
