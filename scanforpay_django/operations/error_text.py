"""What an error says to people, in the language that is active."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.record_refund import WITHDRAWN
from scanforpay_django.models import Refund
from scanforpay_django.wallets import refund_faults
from scanforpay_django.wallets.registry import find_wallet_class, serving


def describe_error(error: ScanForPayError) -> str:
    """The error's own text, or that of its result code, with its parameters; its message is for the log."""
    params: Mapping[str, object] = getattr(error, "params", {})
    rule = params.get("rule")
    shown = {**params, "rule": gettext(str(rule)) if rule else ""}
    if "wallet" in params:
        # The wire's word is for programs.
        found = serving(str(params["wallet"]))
        shown["wallet"] = either(one.label for one in found) or params["wallet"]
    template = error.text or error.code.text
    return gettext(template) % shown if "%(" in template else gettext(template)


def either(labels: Iterable[object]) -> str:
    """The labels as a choice, "A, B or C"; "" for nothing."""
    *first, last = dict.fromkeys(map(str, labels)) or [""]
    if not first:
        return last
    return gettext("%(first)s or %(last)s") % {"first": gettext(", ").join(first), "last": last}


def describe_to_staff(error: Exception) -> str:
    """The same for staff, with what it says beside its text."""
    if not isinstance(error, ScanForPayError):
        return str(error)
    is_usual = str(error) == (type(error).__doc__ or "").strip()
    return describe_error(error) if is_usual else f"{describe_error(error)} ({error})"


def describe_refund_failure(refund: Refund) -> str:
    """Why the platform refused the refund and what to do; "" for a refund that has not failed."""
    if refund.state != Refund.State.FAILED:
        return ""
    if refund.platform_code == WITHDRAWN:
        return gettext("It was withdrawn before anything was sent: the payment was accepted instead.")
    backend = find_wallet_class(refund.payment.account.wallet)
    code = backend.normalise_code(refund.platform_code) if backend else ""
    text = backend.refund_words.get(code) if backend else None
    return gettext(text) if text else gettext(refund_faults.UNNAMED) % {"code": refund.platform_code or "-"}


def join_sentences(first: str, second: str) -> str:
    """Two sentences in one line; a Chinese or Japanese full stop is followed by no blank."""
    return first + second if first.endswith("。") else f"{first} {second}"
