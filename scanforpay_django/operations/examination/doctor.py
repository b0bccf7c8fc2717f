"""All that can be wrong with an installation, looked at once: for ``manage.py scanforpay_doctor`` and the page."""

import logging
from collections.abc import Callable, Iterator

from django.core import checks
from django.utils.translation import gettext as _

from scanforpay_django.conf import CHECK_TAG
from scanforpay_django.operations.examination.finding import Finding, right, wrong
from scanforpay_django.operations.examination.outside import examine_outside
from scanforpay_django.operations.examination.readiness import examine_readiness
from scanforpay_django.operations.examination.services import examine_services
from scanforpay_django.operations.examination.stored import (
    examine_certificates,
    examine_chain,
    examine_clocks,
    examine_keys,
    examine_merchants,
    examine_recovery,
)

logger = logging.getLogger(__name__)

_Examine = Callable[[], Iterator[Finding]]
#: name of the line where one fails itself -> examination
OFFLINE: tuple[tuple[str, _Examine], ...] = (
    ("keys", examine_keys),
    ("merchants", examine_merchants),
    ("clock", examine_clocks),
    ("services", examine_services),
    ("certificates", examine_certificates),
    ("recovery", examine_recovery),
    ("chain", examine_chain),
)


def examine(*, goes_online: bool, max_seconds: float | None = None) -> Iterator[Finding]:
    """Line by line, in the language that is active. ``goes_online``: the public address and the platforms are asked
    too, for ``max_seconds`` at most, or all of them. Nothing is changed.
    """
    yield from _examine_settings()
    findings = examine_readiness()
    yield from findings
    if not findings[0].is_right:
        return
    for name, one in OFFLINE:
        yield from _examine(name, one)
    if goes_online:
        yield from _examine("platform", lambda: examine_outside(max_seconds))


def _examine(name: str, examination: _Examine) -> Iterator[Finding]:
    """One that fails itself is a line too."""
    try:
        yield from examination()
    except Exception as error:
        logger.exception("the examination of %s failed", name)
        text = _("It could not be examined: %(error)s.") % {"error": type(error).__name__}
        yield wrong(name, text, _("Look at the log."))


def _examine_settings() -> Iterator[Finding]:
    """What ``check --deploy`` says of this app."""
    messages = checks.run_checks(tags=[CHECK_TAG], include_deployment_checks=True)
    errors = {message.msg for message in messages if message.level >= checks.ERROR}
    for message in messages:
        if message.level < checks.ERROR and message.msg in errors:
            # A warning of every day is an error under --deploy too.
            continue
        name = str(message.id).removeprefix("scanforpay.")
        yield wrong(f"settings {name}", str(message.msg), str(message.hint or "See docs/set-up.md."))
    if not messages:
        yield right("settings", _("manage.py check --deploy finds nothing."))
