"""What the rows say of an installation: secrets, merchants, clocks, certificates, a recovery, the chain."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.flows.clock import MAX_SKEW_SECONDS, skew_seconds
from scanforpay_django.models import (
    ChainRoot,
    ChainWriter,
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

#: certificates and keys are spoken of so long before they end
WARNED_DAYS = timedelta(days=30)
#: a root that was not mailed so long after it was made is late
LATE = timedelta(hours=1)
#: keys and accounts that are decrypted; of more the newest
MAX_DECRYPTED = 2000


@sensitive_variables()
def examine_keys() -> Iterator[Finding]:
    """Secrets that the keys of today do not open."""
    keys = SignKey.objects.order_by("-pk").values_list("pk", "secret_ciphertext")[:MAX_DECRYPTED]
    accounts = WalletAccount.objects.exclude(secrets_ciphertext="").order_by("-pk")
    stored = accounts.values_list("pk", "secrets_ciphertext")[:MAX_DECRYPTED]
    fix = _(
        "Put the key that was taken from SCANFORPAY_ENCRYPTION_KEYS back, at its end; then rotate with "
        "manage.py scanforpay_rotate_encryption."
    )
    if sealed := [pk for pk, text in keys if not _opens(text)]:
        text = ngettext(
            "%(count)d sign key cannot be decrypted, the first is number %(number)d.",
            "%(count)d sign keys cannot be decrypted, the first is number %(number)d.",
            len(sealed),
        )
        yield wrong("keys", text % {"count": len(sealed), "number": sealed[-1]}, fix)
    else:
        yield right("keys", _("All sign keys can be decrypted."))
    if sealed := [pk for pk, text in stored if not _opens(text)]:
        text = ngettext(
            "The secrets of %(count)d wallet account cannot be decrypted, the first is number %(number)d.",
            "The secrets of %(count)d wallet accounts cannot be decrypted, the first is number %(number)d.",
            len(sealed),
        )
        yield wrong("keys", text % {"count": len(sealed), "number": sealed[-1]}, fix)
    else:
        yield right("keys", _("The secrets of all wallet accounts can be decrypted."))


@sensitive_variables()
def _opens(text: str) -> bool:
    try:
        decrypt(text)
    except SecretUnreadable:
        return False
    return True


def examine_merchants() -> Iterator[Finding]:
    """Whether anybody can collect."""
    if not Partner.objects.filter(is_active=True).exists():
        fix = _("Run manage.py scanforpay_setup, or use Set-up in admin.")
        yield wrong("merchants", _("There is no active partner."), fix)
        return
    stores = Store.objects.filter(is_active=True, partner__is_active=True)
    able = WalletAccount.objects.filter(is_active=True, store__in=stores)
    if not able.exists():
        fix = _("Add one under Set-up in admin.")
        yield wrong("merchants", _("No store has an active wallet account."), fix)
        return
    stopped = able.filter(
        Q(stops_payments=True) | Q(store__stops_payments=True) | Q(store__partner__stops_payments=True)
    )
    if stopped.count() == able.count():
        fix = _("Clear “stop new payments” in admin.")
        yield wrong("merchants", _("New payments are stopped everywhere."), fix)
        return
    yield right("merchants", _("At least one wallet account collects."))


def examine_clocks() -> Iterator[Finding]:
    """This host's clock and those of the workers, against the database's."""
    skew = skew_seconds()
    fix = _("Set it: is NTP running?")
    if abs(skew) > MAX_SKEW_SECONDS:
        text = _("This host's clock is %(seconds)+d s off the database's.")
        yield wrong("clock", text % {"seconds": skew}, fix)
    for host in HostClock.objects.wrong_now().order_by("host"):
        text = _("The clock of %(host)s is %(seconds)+d s off.")
        yield wrong("clock", text % {"host": host.host, "seconds": host.skew_seconds}, fix)
    if abs(skew) <= MAX_SKEW_SECONDS:
        text = _("This host's clock is %(seconds)+d s off the database's.")
        yield right("clock", text % {"seconds": skew})


def examine_certificates() -> Iterator[Finding]:
    """Certificates of accounts that end soon."""
    until = clock.now() + WARNED_DAYS
    ending = WalletAccount.objects.filter(is_active=True, certificates_end_at__lt=until).select_related(
        "store"
    )
    for account in ending.order_by("certificates_end_at"):
        text = _("A certificate of %(account)s ends at %(day)s.")
        yield wrong(
            "certificates",
            text % {"account": account, "day": f"{account.certificates_end_at:%Y-%m-%d}"},
            _("Renew it in the platform's console and enter it in admin with the account."),
        )
    if not ending:
        yield right("certificates", _("None ends within a month."))


def examine_recovery() -> Iterator[Finding]:
    """Whether orders may be missing since a restore."""
    mark = RestoreMark.objects.under_way()
    if mark is None:
        yield right("recovery", _("None is under way."))
        return
    text = _("The database was restored at %(moment)s UTC: orders made since the copy may be missing.")
    fix = _(
        "Run manage.py scanforpay_recover: it says what is not known yet; docs/recovery.md says what to do."
    )
    yield wrong("recovery", text % {"moment": f"{mark.at:%Y-%m-%d %H:%M}"}, fix)


def examine_chain() -> Iterator[Finding]:
    """Whether new rows are linked, and whether the roots leave the database."""
    findings = list(check_writer())
    if findings:
        at = ChainWriter.objects.values_list("at", flat=True).first()
        text = _("The chain is behind: all rows were linked last at %(moment)s.")
        said = text % {"moment": f"{at:%Y-%m-%d %H:%M:%S %Z}"} if at else _("No chain has been written yet.")
        yield wrong("chain", said, _("Start the worker: it links new rows."))
    if not conf.chain_mail_to:
        if not findings:
            text = _("Rows are linked; its roots are mailed to nobody (SCANFORPAY_CHAIN_MAIL_TO).")
            yield right("chain", text)
        return
    until = clock.host_now() - NEWS
    unsent = ChainRoot.objects.filter(mailed_at=None, made_at__gte=until, made_at__lt=clock.host_now() - LATE)
    if count := unsent.count():
        text = ngettext(
            "%(count)d root of the chain was not mailed.",
            "%(count)d roots of the chain were not mailed.",
            count,
        )
        yield wrong("chain", text % {"count": count}, _("Look at the mail server and the log."))
    elif not findings:
        yield right("chain", _("Rows are linked and roots are mailed."))
