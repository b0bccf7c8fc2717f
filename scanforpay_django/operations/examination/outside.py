"""Asking over the network: our public address as others see it, and every active account's platform."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import PlatformRefused, ScanForPayError
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.connection_test import BAD_KEY
from scanforpay_django.operations.error_text import describe_to_staff
from scanforpay_django.operations.examination.finding import Finding, right, wrong
from scanforpay_django.operations.set_up.look import look_at_address, look_at_notify

logger = logging.getLogger(__name__)

#: accounts that are asked at the same time
THREADS = 4
#: accounts that a page asks; of more the oldest
MAX_ASKED = 200

_Examine = Callable[[], list[Finding]]


def examine_outside(max_seconds: float | None = None) -> Iterator[Finding]:
    """``max_seconds``: after that time what has not answered is counted; None asks every account, however long."""
    accounts = WalletAccount.objects.filter(is_active=True).select_related("store").order_by("pk")
    rows = list(accounts if max_seconds is None else accounts[:MAX_ASKED])
    if not rows:
        return
    jobs: list[_Examine] = [lambda: examine_address(rows[0])]
    jobs += [lambda account=account: _examine_account(account) for account in rows]  # type: ignore[misc]
    yield from _examine_all(jobs, max_seconds, accounts.count() - len(rows))


def _examine_all(jobs: list[_Examine], max_seconds: float | None, left_out: int) -> Iterator[Finding]:
    """The first job is about the address, the others are each about an account; of ``left_out`` more there is none."""
    pool = ThreadPoolExecutor(max_workers=THREADS)
    language = get_language()
    futures = [pool.submit(_examine_in_thread, job, language) for job in jobs]
    if max_seconds is None:
        for future in futures:
            yield from future.result()
        pool.shutdown()
        return
    ended, _going_on = wait(futures, timeout=max_seconds)
    # What hangs ends by its own time limit, and nobody hears of it.
    pool.shutdown(wait=False, cancel_futures=True)
    for future in futures:
        if future in ended:
            yield from future.result()
    if futures[0] not in ended:
        text = _("It did not answer within %(seconds)d seconds.") % {"seconds": max_seconds}
        yield wrong("address", text, _("Check DNS, the proxy and ALLOWED_HOSTS."))
    if missed := left_out + sum(future not in ended for future in futures[1:]):
        yield _describe_missed(missed, max_seconds)


def _describe_missed(count: int, seconds: float) -> Finding:
    text = ngettext(
        "%(count)d account was not asked to the end within %(seconds)d seconds.",
        "%(count)d accounts were not asked to the end within %(seconds)d seconds.",
        count,
    )
    fix = _("Run manage.py scanforpay_doctor --online: it asks all of them, however long it takes.")
    return wrong("platform", text % {"count": count, "seconds": seconds}, fix)


def _examine_in_thread(examine: _Examine, language: str | None) -> list[Finding]:
    """A call to a platform may write down what was counted: the thread's connection to the database ends with it."""
    try:
        with override(language):
            return examine()
    finally:
        connections.close_all()


def examine_address(account: WalletAccount) -> list[Finding]:
    """The public address from outside, as far as this host's network is outside. Any account's address serves."""
    try:
        wallet = configure(account).wallet
        address = conf.base_url + reverse("scanforpay:platform-notify", args=[wallet.slug, account.public_id])
    except (ScanForPayError, ImproperlyConfigured, NoReverseMatch, ValueError, KeyError) as error:
        text = _("The notify address is not known: %(error)s") % {"error": _say(error)}
        return [wrong("address", text, _("Mount scanforpay_django.urls."))]
    found = []
    for name, sight in (
        ("address", look_at_address(address)),
        ("notify address", look_at_notify(address, wallet)),
    ):
        text = _(sight.text) % sight.details
        fix = _("Check DNS, the proxy and ALLOWED_HOSTS.")
        found.append(right(name, text) if sight.is_right else wrong(name, text, fix))
    return found


def _examine_account(account: WalletAccount) -> list[Finding]:
    """What fails in a way that nobody thought of is this account's line, and the others are asked all the same."""
    try:
        return [*_ask_platform(account), *_ask_for_list(account)]
    except Exception as error:
        logger.exception("the examination of account %s failed", account.pk)
        text = _("%(account)s: It could not be examined: %(error)s.")
        shown = {"account": account, "error": type(error).__name__}
        return [wrong("platform", text % shown, _("Look at the log."))]


def _describe(account: WalletAccount, said: str) -> str:
    return _("%(account)s: %(text)s") % {"account": account, "text": said}


def _say(error: Exception) -> str:
    """What Python says of a credential that does not read might quote it."""
    is_safe = isinstance(error, (ScanForPayError, ImproperlyConfigured, NoReverseMatch))
    return describe_to_staff(error) if is_safe else _(BAD_KEY)


def _describe_failure(name: str, account: WalletAccount, error: Exception) -> Finding:
    fix = _("Test the connection in admin: it names the fault.")
    return wrong(name, _describe(account, _say(error)), fix)


def _ask_platform(account: WalletAccount) -> Iterator[Finding]:
    """A signed call that changes nothing."""
    try:
        configure(account).wallet.probe()
    except (ScanForPayError, ImproperlyConfigured, ValueError, KeyError) as error:
        yield _describe_failure("platform", account, error)
    else:
        yield right("platform", _describe(account, _("It answers.")))


def _ask_for_list(account: WalletAccount) -> Iterator[Finding]:
    """Whether the platform lists payments by time: after the database was lost it is known at once what is missing, and
    not on the next day. No account needs it.
    """
    now = clock.now()
    name = "list of payments"
    try:
        configured = configure(account)
        if not configured.backend.lists_payments:
            return
        next(iter(configured.wallet.list_payments(now - timedelta(minutes=1), now)), None)
    except PlatformRefused:
        text = _("not granted: after a loss of the database its bill tells what is missing, a day later")
        yield right(name, _describe(account, text))
    except (ScanForPayError, ImproperlyConfigured, ValueError, KeyError) as error:
        yield _describe_failure(name, account, error)
    else:
        yield right(name, _describe(account, _("granted")))
