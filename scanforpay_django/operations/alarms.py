"""Telling a partner by mail that its shop does not know of payments: one mail for all that was given up since."""

import logging
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import mail
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from scanforpay_django import clock
from scanforpay_django.models import Notification, Partner
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_free_rows
from scanforpay_django.models.moments import database_now

logger = logging.getLogger(__name__)

NAMED = 50
NEWS = timedelta(days=7)
AGAIN_SECONDS = 600.0
#: for each step of a mail, where EMAIL_TIMEOUT says nothing
MAIL_SECONDS = 20.0
#: a worker that has not said in that time that its mail went has died: the mail goes once more
MAIL_LEASE = timedelta(minutes=10)

#: partner -> when this process may try to mail it again
_failed_until: dict[int, float] = {}


def mail_partners() -> int:
    """Mail every partner whose notifications were given up and who was not mailed; how many mails went.

    Rows are leased before the mail goes, so that two workers do not send it twice; what a worker that was killed had
    leased is mailed after ten minutes, perhaps again. When a mail cannot be sent its rows are let go, and this process
    tries that partner again after ten minutes. Call it outside a transaction.
    """
    partners = Partner.objects.filter(pk__in=_partner_pks())
    return sum(_mail(partner) for partner in partners if _may_try(partner))


def _unmailed() -> "QuerySet[Notification]":
    """What was given up long ago is not mailed to an address that is entered today."""
    lately = clock.now() - NEWS
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=database_now())
    return Notification.objects.filter(is_free, alarmed_at__gte=lately, mailed_at__isnull=True)


def _partner_pks() -> list[int]:
    reachable = _unmailed().exclude(order__partner__contact_email="")
    # Without order_by() each row would be one of the hundred: one partner's could fill them.
    return list(reachable.order_by().values_list("order__partner_id", flat=True).distinct()[:100])


def _may_try(partner: Partner) -> bool:
    return time.monotonic() >= _failed_until.get(partner.pk, 0.0)


def _lease_for_mail(partner: Partner, token: str) -> list[Notification]:
    with atomic(durable=True):
        found = list(lock_free_rows(_unmailed().filter(order__partner=partner))[:1000])
        prefetch_related_objects(found, "order__store")
        leased = Notification.objects.filter(pk__in=[row.pk for row in found])
        leased.update(lease_until=database_now() + MAIL_LEASE, lease_token=token)
    return found


def _mail(partner: Partner) -> bool:
    token = secrets.token_hex(16)
    rows = _lease_for_mail(partner, token)
    if not rows:
        return False
    try:
        with override(_language(rows)):
            send_mail(_subject(rows), _mail_text(rows), partner.contact_email)
    except Exception:
        logger.exception("partner %s: the mail about %d notifications failed", partner.partner_no, len(rows))
        _failed_until[partner.pk] = time.monotonic() + AGAIN_SECONDS
        _let_go(rows, token)
        return False
    _let_go(rows, token, mailed_at=database_now())
    return True


def _let_go(rows: Sequence[Notification], token: str, **columns: Any) -> None:
    """Those that were not sent again in the meantime."""
    ours = Notification.objects.filter(pk__in=[row.pk for row in rows], lease_token=token)
    ours.update(lease_until=None, lease_token="", **columns)


def send_mail(subject: str, text: str, to: str) -> None:
    """Send a mail from DEFAULT_FROM_EMAIL."""
    # To tell a message its connection is deprecated in Django 6.1; a connection takes messages in all versions.
    _mail_connection().send_messages([mail.EmailMessage(subject, text, to=[to])])


def _mail_connection() -> Any:
    """The project's way to send mail; no server may hold up what else the worker does."""
    # From Django 6.1 on; where a project has the older settings, they count.
    mailers: Any = getattr(mail, "mailers", None)
    connection: Any = mail.get_connection() if mailers is None else mailers.default
    if getattr(connection, "timeout", 0) is None:
        connection.timeout = MAIL_SECONDS
    return connection


def _language(rows: Sequence[Notification]) -> str:
    return rows[0].order.store.language


def _subject(rows: Sequence[Notification]) -> str:
    return ngettext(
        "Your shop was not notified of %d payment", "Your shop was not notified of %d payments", len(rows)
    ) % len(rows)


def _mail_text(rows: Sequence[Notification]) -> str:
    lines = [
        _("These orders are paid, but your shop did not acknowledge the notification. We will not resend them "
          "automatically. Please check the orders with payQuery, correct the address, and ask us to resend."),
        "",
    ]  # fmt: skip
    lines += [f"{row.order.partner_order_no}  {row.url}  {row.last_reason}" for row in rows[:NAMED]]
    if len(rows) > NAMED:
        lines.append(_("and %d more") % (len(rows) - NAMED))
    return "\n".join(lines)
