"""What this installation needs beside its database: Redis, the mail server, the storage of bills."""

import io
import logging
import secrets
from collections.abc import Iterator

from django.core import mail
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django.conf import conf
from scanforpay_django.models import BillDay, Partner
from scanforpay_django.operations.examination.finding import Finding, right, wrong
from scanforpay_django.operations.examination.time_limit import Asked, asking

logger = logging.getLogger(__name__)

REDIS_SECONDS = 2.0
MAIL_SECONDS = 8.0
#: a page waits for no service longer, whatever hangs: a name that does not resolve, a bucket that does not answer
MAX_SECONDS = 10.0


def examine_services() -> Iterator[Finding]:
    """All are asked at the same time. Those that are not used are not spoken of; bills are, for they should be."""
    redis_asked = _ask("redis", _ping_redis) if conf.limits_redis_url else None
    mail_asked = _ask("mail", _open_mail) if _mails() else None
    storage_asked = _ask("bills", _keep_file) if conf.bill_storage_is_set else None
    if redis_asked:
        yield _describe_redis(redis_asked.find_failure())
    if mail_asked:
        yield _describe_mail(mail_asked.find_failure())
    yield _describe_storage(storage_asked.find_failure()) if storage_asked else _describe_no_storage()


def _ask(name: str, call: object) -> Asked:
    return asking.begin(name, MAX_SECONDS, call)  # type: ignore[arg-type]


def _ping_redis() -> None:
    # Only a process that asks needs the library: the page is part of every web process.
    import redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    redis.Redis.from_url(
        conf.limits_redis_url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        # By itself the client tries for several seconds.
        retry=Retry(NoBackoff(), 0),
    ).ping()


def _describe_redis(failure: Exception | None) -> Finding:
    if failure is None:
        return right("redis", _("It answers."))
    logger.warning("Redis failed: %s", type(failure).__name__)
    return wrong(
        "redis",
        _("The Redis of SCANFORPAY_LIMITS_REDIS_URL does not answer: %(error)s.") % _name(failure),
        _("Start it, or correct the address. Meanwhile each process counts for itself."),
    )


def _mails() -> bool:
    """Partners are mailed when their notifications are given up."""
    return Partner.objects.filter(is_active=True).exclude(contact_email="").exists()


def _open_mail() -> None:
    backend = mail.get_connection(timeout=MAIL_SECONDS)
    backend.open()
    backend.close()


def _describe_mail(failure: Exception | None) -> Finding:
    if failure is None:
        return right("mail", _("The mail server answers."))
    logger.warning("the mail server failed: %s", failure)
    return wrong(
        "mail",
        _("The mail server does not answer: %(error)s.") % _name(failure),
        _(
            "Check EMAIL_HOST and what goes with it: partners would not hear that notifications were given up."
        ),
    )


def _keep_file() -> None:
    storage = storages[conf.bill_storage]
    name = storage.save(f"examination-{secrets.token_hex(4)}", File(io.BytesIO(b"x")))
    storage.delete(name)


def _describe_no_storage() -> Finding:
    return wrong(
        "bills",
        _("Bills are not fetched: nothing is compared with the platforms."),
        _("Set SCANFORPAY_BILL_STORAGE; docs/books.md says how."),
    )


def _describe_storage(failure: Exception | None) -> Finding:
    """Whether bills can be kept, and whether they come."""
    if failure is not None:
        logger.warning("the storage of bills failed: %s", failure)
        return wrong(
            "bills",
            _("Bills cannot be kept: %(error)s.") % _name(failure),
            _("Check STORAGES and its permissions."),
        )
    late = BillDay.objects.filter(state=BillDay.State.LATE, next_at__isnull=False).count()
    if not late:
        return right("bills", _("They are kept and fetched."))
    text = ngettext("%(count)d bill did not come.", "%(count)d bills did not come.", late)
    return wrong("bills", text % {"count": late}, _("Look in admin under Reconciliation why."))


def _name(failure: Exception) -> dict[str, str]:
    """The error's text may hold an address with its password: it goes to nobody."""
    return {"error": type(failure).__name__}
