"""Telling a partner by mail that its shop does not know of payments: one mail for all that was given up since."""

import logging
from collections.abc import Sequence

from django.core.mail import send_mail
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import override

from scanforpay_django.models import Notification, Partner

logger = logging.getLogger(__name__)

NAMED = 50


def mail_partners() -> int:
    """Mail every partner whose notifications were given up and who was not mailed; how many mails went.

    At most once: what was claimed and could not be sent is in the log and, alarmed, in the admin. Call it outside
    a transaction.
    """
    return sum(_mail(partner) for partner in Partner.objects.filter(pk__in=_partner_pks()))


def _partner_pks() -> list[int]:
    alarmed = Notification.objects.filter(alarmed_at__isnull=False, mailed_at__isnull=True)
    return list(alarmed.values_list("order__partner_id", flat=True).distinct()[:100])


def _claim(partner: Partner) -> list[Notification]:
    with transaction.atomic(durable=True):
        alarmed = Notification.objects.filter(
            order__partner=partner, alarmed_at__isnull=False, mailed_at__isnull=True
        )
        rows = (
            alarmed.order_by("pk")
            .select_related("order__store")
            .select_for_update(skip_locked=True, of=("self",))
        )
        found = list(rows[:1000])
        Notification.objects.filter(pk__in=[row.pk for row in found]).update(mailed_at=Now())
    return found


def _mail(partner: Partner) -> bool:
    rows = _claim(partner)
    if not rows or not partner.contact_email:
        return False
    try:
        with override(_language(rows)):
            send_mail(_subject(rows), _text(rows), None, [partner.contact_email])
    except Exception:
        logger.exception("partner %s: the mail about %d notifications failed", partner.partner_no, len(rows))
        return False
    return True


def _language(rows: Sequence[Notification]) -> str:
    return rows[0].order.store.language


def _subject(rows: Sequence[Notification]) -> str:
    return _("%d payments could not be reported to your shop") % len(rows)


def _text(rows: Sequence[Notification]) -> str:
    lines = [
        _("These orders are paid, and your shop did not acknowledge the notification. They are not sent again by "
          "themselves: look the orders up with payQuery, mend the address, and ask us to send them again."),
        "",
    ]  # fmt: skip
    lines += [f"{row.order.partner_order_no}  {row.url}  {row.last_reason}" for row in rows[:NAMED]]
    if len(rows) > NAMED:
        lines.append(_("and %d more") % (len(rows) - NAMED))
    return "\n".join(lines)
