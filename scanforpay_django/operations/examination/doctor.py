"""All that can be wrong with an installation, looked at once: for ``manage.py scanforpay_doctor``."""

import io
import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

import redis
from django.core import checks, mail
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.storage import storages
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, override
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.conf import CHECK_TAG, conf
from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import PlatformRefused, ScanForPayError, SecretUnreadable
from scanforpay_django.flows.clock import MAX_SKEW_SECONDS, skew_seconds
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import (
    BillDay,
    ChainRoot,
    HostClock,
    Partner,
    RestoreMark,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.operations.chain.roots import NEWS
from scanforpay_django.operations.chain.verify import check_writer
from scanforpay_django.operations.examination.finding import Finding, right, wrong
from scanforpay_django.operations.examination.readiness import examine_readiness
from scanforpay_django.operations.set_up.look import look_at_address, look_at_notify

logger = logging.getLogger(__name__)

#: certificates and keys are spoken of so long before they end
WARNED_DAYS = timedelta(days=30)
REDIS_SECONDS = 2.0
MAIL_SECONDS = 10
#: a root that was not mailed so long after it was made is late
LATE = timedelta(hours=1)
#: keys and accounts that are decrypted; of more the newest
MAX_DECRYPTED = 2000


def examine(*, goes_online: bool) -> Iterator[Finding]:
    """Line by line. ``goes_online``: the public address and the platforms are asked too. Nothing is changed."""
    yield from _examine_settings()
    findings = examine_readiness()
    yield from findings
    if not findings[0].is_right:
        return
    yield from _each(
        _examine_keys, _examine_merchants, _examine_clock, _examine_redis, _examine_mail, _examine_certificates,
        _examine_bills, _examine_recovery, _examine_chain,
    )  # fmt: skip
    if goes_online:
        yield from _each(_examine_address, _examine_platforms, _examine_lists)


def _each(*examinations: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """One that fails itself is a line too."""
    for one in examinations:
        name = one.__name__.removeprefix("_examine_")
        try:
            yield from one()
        except Exception as error:
            logger.exception("the examination of %s failed", name)
            yield wrong(name, f"It could not be examined: {type(error).__name__}.", "Look at the log.")


def _examine_settings() -> Iterator[Finding]:
    """What ``check --deploy`` says of this app."""
    messages = checks.run_checks(tags=[CHECK_TAG], include_deployment_checks=True)
    for message in messages:
        name = str(message.id).removeprefix("scanforpay.")
        yield wrong(f"settings {name}", str(message.msg), str(message.hint or "See docs/set-up.md."))
    if not messages:
        yield right("settings", "manage.py check --deploy finds nothing")


@sensitive_variables()
def _examine_keys() -> Iterator[Finding]:
    """Secrets that the keys of today do not open."""
    keys = SignKey.objects.order_by("-pk").values_list("pk", "secret_ciphertext")[:MAX_DECRYPTED]
    accounts = WalletAccount.objects.exclude(secrets_ciphertext="").order_by("-pk")
    stored = accounts.values_list("pk", "secrets_ciphertext")[:MAX_DECRYPTED]
    for name, rows in (("sign keys", keys), ("wallet accounts", stored)):
        sealed = [pk for pk, text in rows if not _opens(text)]
        if sealed:
            yield wrong(
                "keys",
                f"{len(sealed)} {name} cannot be decrypted, the first is number {sealed[-1]}.",
                "Put the key that was taken from SCANFORPAY_ENCRYPTION_KEYS back, at its end; then rotate with "
                "manage.py scanforpay_rotate_encryption.",
            )
        else:
            yield right("keys", f"all {name} can be decrypted")


@sensitive_variables()
def _opens(text: str) -> bool:
    try:
        decrypt(text)
    except SecretUnreadable:
        return False
    return True


def _examine_merchants() -> Iterator[Finding]:
    """Whether anybody can collect."""
    if not Partner.objects.filter(is_active=True).exists():
        yield wrong(
            "merchants",
            "There is no active partner.",
            "Run manage.py scanforpay_setup, or use Set-up in admin.",
        )
        return
    stores = Store.objects.filter(is_active=True, partner__is_active=True)
    able = WalletAccount.objects.filter(is_active=True, store__in=stores)
    if not able.exists():
        yield wrong("merchants", "No store has an active wallet account.", "Add one under Set-up in admin.")
        return
    stopped = able.filter(
        Q(stops_payments=True) | Q(store__stops_payments=True) | Q(store__partner__stops_payments=True)
    )
    if stopped.count() == able.count():
        yield wrong(
            "merchants", "New payments are stopped everywhere.", "Clear “stop new payments” in admin."
        )
        return
    yield right("merchants", "at least one wallet account collects")


def _examine_clock() -> Iterator[Finding]:
    """This host's clock and those of the workers, against the database's."""
    skew = skew_seconds()
    if abs(skew) > MAX_SKEW_SECONDS:
        yield wrong(
            "clock", f"This host's clock is {skew:+d} s off the database's.", "Set it: is NTP running?"
        )
    for host in HostClock.objects.wrong_now().order_by("host"):
        yield wrong(
            "clock", f"The clock of {host.host} is {host.skew_seconds:+d} s off.", "Set it: is NTP running?"
        )
    if abs(skew) <= MAX_SKEW_SECONDS:
        yield right("clock", f"{skew:+d} s off the database's")


def _examine_redis() -> Iterator[Finding]:
    """Where calls are counted for all processes together."""
    if not conf.limits_redis_url:
        return
    try:
        redis.Redis.from_url(
            conf.limits_redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ).ping()
    except (redis.RedisError, ValueError) as error:
        yield wrong(
            "redis",
            f"The Redis of SCANFORPAY_LIMITS_REDIS_URL does not answer: {type(error).__name__}.",
            "Start it, or correct the address. Meanwhile each process counts for itself.",
        )
        return
    yield right("redis", "answers")


def _examine_mail() -> Iterator[Finding]:
    """Partners are mailed when their notifications are given up."""
    if not Partner.objects.filter(is_active=True).exclude(contact_email="").exists():
        return
    backend = mail.get_connection(timeout=MAIL_SECONDS)
    try:
        backend.open()
        backend.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        logger.warning("the mail server failed: %s", error)
        yield wrong(
            "mail",
            f"The mail server does not answer: {type(error).__name__}.",
            "Check EMAIL_HOST and what goes with it: partners would not hear that notifications were given up.",
        )
        return
    yield right("mail", "the mail server answers")


def _examine_certificates() -> Iterator[Finding]:
    """Certificates of accounts, and sign keys, that end soon."""
    until = clock.now() + WARNED_DAYS
    ending = WalletAccount.objects.filter(is_active=True, certificates_end_at__lt=until).select_related(
        "store"
    )
    for account in ending.order_by("certificates_end_at"):
        yield wrong(
            "certificates",
            f"A certificate of {account} ends at {account.certificates_end_at:%Y-%m-%d}.",
            "Renew it in the platform's console and enter it in admin with the account.",
        )
    if not ending:
        yield right("certificates", "none ends within a month")


def _examine_recovery() -> Iterator[Finding]:
    """Whether orders may be missing since a restore."""
    mark = RestoreMark.objects.under_way()
    if mark is None:
        yield right("recovery", "none is under way")
        return
    yield wrong(
        "recovery",
        f"The database was restored at {mark.at:%Y-%m-%d %H:%M} UTC: orders made since the copy may be missing.",
        "Run manage.py scanforpay_recover: it says what is not known yet; docs/recovery.md says what to do.",
    )


def _examine_chain() -> Iterator[Finding]:
    """Whether new rows are linked, and whether the roots leave the database."""
    findings = list(check_writer())
    for finding in findings:
        yield wrong("chain", f"The chain is behind: {finding.about}.", "Start the worker: it links new rows.")
    if not conf.chain_mail_to:
        if not findings:
            yield right("chain", "rows are linked; its roots are mailed to nobody (SCANFORPAY_CHAIN_MAIL_TO)")
        return
    until = clock.host_now() - NEWS
    unsent = ChainRoot.objects.filter(mailed_at=None, made_at__gte=until, made_at__lt=clock.host_now() - LATE)
    if count := unsent.count():
        yield wrong(
            "chain", f"{count} roots of the chain were not mailed.", "Look at the mail server and the log."
        )
    elif not findings:
        yield right("chain", "rows are linked and roots are mailed")


def _examine_bills() -> Iterator[Finding]:
    """Whether bills can be kept, and whether they come."""
    if not conf.bill_storage_is_set:
        yield wrong(
            "bills",
            "Bills are not fetched: nothing is compared with the platforms.",
            "Set SCANFORPAY_BILL_STORAGE; docs/books.md says how.",
        )
        return
    try:
        storage = storages[conf.bill_storage]
        name = storage.save(f"examination-{secrets.token_hex(4)}", File(io.BytesIO(b"x")))
        storage.delete(name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        logger.warning("the storage of bills failed: %s", error)
        yield wrong(
            "bills", f"Bills cannot be kept: {type(error).__name__}.", "Check STORAGES and its permissions."
        )
        return
    late = BillDay.objects.filter(state=BillDay.State.LATE, next_at__isnull=False).count()
    if late:
        yield wrong("bills", f"{late} bills did not come.", "Look in admin under Reconciliation why.")
    else:
        yield right("bills", "kept and fetched")


def _examine_address() -> Iterator[Finding]:
    """The public address from outside, as far as this host's network is outside."""
    account = WalletAccount.objects.filter(is_active=True).select_related("store").order_by("pk").first()
    if account is None:
        return
    try:
        wallet = configure(account).wallet
        address = conf.base_url + reverse("scanforpay:platform-notify", args=[wallet.slug, account.public_id])
    except (ScanForPayError, ImproperlyConfigured, NoReverseMatch) as error:
        yield wrong("address", f"The notify address is not known: {error}", "Mount scanforpay_django.urls.")
        return
    for name, sight in (
        ("address", look_at_address(address)),
        ("notify address", look_at_notify(address, wallet)),
    ):
        with override("en"):
            text = gettext(sight.text) % sight.details
        yield (
            right(name, text)
            if sight.is_right
            else wrong(name, text, "Check DNS, the proxy and ALLOWED_HOSTS.")
        )


def _examine_platforms() -> Iterator[Finding]:
    """A signed call to the platform for each active account."""
    for account in WalletAccount.objects.filter(is_active=True).select_related("store").order_by("pk"):
        try:
            configure(account).wallet.probe()
        except (ScanForPayError, ImproperlyConfigured) as error:
            yield wrong(
                "platform",
                f"{account}: {error}",
                "Test the connection in admin: it names the fault.",
            )
        else:
            yield right("platform", f"{account} answers")


def _examine_lists() -> Iterator[Finding]:
    """Whether the platforms list payments by time: after the database was lost it is known at once what is missing, and
    not on the next day. No account needs it.
    """
    now = clock.now()
    for account in WalletAccount.objects.filter(is_active=True).select_related("store").order_by("pk"):
        try:
            configured = configure(account)
            if not configured.backend.lists_payments:
                continue
            next(iter(configured.wallet.list_payments(now - timedelta(minutes=1), now)), None)
        except PlatformRefused:
            text = "not granted: after a loss of the database its bill tells what is missing, a day later"
            yield right("list of payments", f"{account}: {text}")
        except (ScanForPayError, ImproperlyConfigured) as error:
            yield wrong(
                "list of payments", f"{account}: {error}", "Test the connection in admin: it names the fault."
            )
        else:
            yield right("list of payments", f"{account}: granted")
