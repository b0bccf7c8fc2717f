"""What each call to a platform took, for receivers that count: ``platform_called`` is sent after every one."""

from dataclasses import dataclass

from django.dispatch import Signal

#: sent with ``call``, a PlatformCall, in the thread that made it; a receiver's failure is no failure of the call
platform_called = Signal()


@dataclass(frozen=True, kw_only=True)
class PlatformCall:
    """One answer, or none."""

    # as in SCANFORPAY_WALLETS
    wallet: str
    host: str
    # None: the error of a call that was counted already
    milliseconds: int | None
    # the platform's code or what went wrong on the way; "" where it answered, be it with a refusal
    error: str = ""


def report_call(call: PlatformCall) -> None:
    """Say that a call has ended."""
    platform_called.send_robust(PlatformCall, call=call)
