"""The end of the chain, once a day: signed, mailed and in the report, so that it is known where nobody who changes the
database can change it.
"""

import logging
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.models import ChainLink, ChainRoot
from scanforpay_django.operations.alarms import MAIL_LEASE, send_mail
from scanforpay_django.operations.chain.keys import current_key, known_keys

logger = logging.getLogger(__name__)

#: what was made long ago is not mailed to an address that is set today
NEWS = timedelta(days=7)


def signed_text(day: date, number: int, mac: str, link_count: int) -> str:
    """What a root's signature is of."""
    return f"scanforpay chain {day.isoformat()} {number}:{mac} {link_count}"


def is_signed(root: ChainRoot) -> bool | None:
    """Whether the signature is right; None when its key is not configured."""
    key = known_keys().get(root.fingerprint)
    text = signed_text(root.day, root.number, root.mac, root.link_count)
    return key.has_signed(text, root.signature) if key else None


def publish_roots() -> bool:
    """The periodic job: make the root of yesterday, in UTC, and mail what was not mailed."""
    make_root(clock.host_now().astimezone(UTC).date() - timedelta(days=1))
    if conf.chain_mail_to:
        lately = clock.host_now() - NEWS
        for root in ChainRoot.objects.filter(mailed_at=None, made_at__gte=lately).order_by("day"):
            _mail(root)
    return False


def make_root(day: date) -> ChainRoot | None:
    """The root of a day that is over; None where the chain began later. Again: the one that there is."""
    found: ChainRoot | None = ChainRoot.objects.filter(day=day).first()
    if found is not None:
        return found
    midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
    # The end of the chain: few links are newer.
    link = ChainLink.objects.filter(linked_at__lt=midnight).order_by("-number").first()
    if link is None:
        return None
    before = ChainRoot.objects.filter(day__lt=day).order_by("-day").first()
    count = link.number - (before.number if before else 0)
    key = current_key()
    values = {
        "number": link.number,
        "mac": link.mac,
        "link_count": count,
        "fingerprint": key.fingerprint,
        "signature": key.sign(signed_text(day, link.number, link.mac, count)),
    }
    found, _is_new = ChainRoot.objects.get_or_create(day=day, defaults=values)
    return found


def _mail(root: ChainRoot) -> None:
    """One that cannot be sent, or whose worker dies, goes again when the lease has ended."""
    if not ChainRoot.objects.lease_for_mail(root.pk, MAIL_LEASE.total_seconds()):
        return
    subject = _("Root of the chain of %(day)s: %(site)s") % {"day": root.day, "site": conf.base_url}
    try:
        for address in conf.chain_mail_to:
            send_mail(subject, describe_root(root), address)
    except Exception:
        logger.exception("the root of the chain of %s could not be mailed", root.day)
        return
    ChainRoot.objects.filter(pk=root.pk).update(mailed_at=clock.host_now())


def describe_root(root: ChainRoot) -> str:
    """The root with what is needed to check it."""
    key = known_keys().get(root.fingerprint)
    lines = [
        _("The chain over postings, order events, notifications and delivery attempts ended that day with:"),
        "",
        root.text,
        "",
        _("Links since the root before: %(count)d") % {"count": root.link_count},
        _("Signed text: %(text)s") % {"text": signed_text(root.day, root.number, root.mac, root.link_count)},
        _("Ed25519 signature: %(signature)s") % {"signature": root.signature},
        _("Public key: %(key)s") % {"key": key.public_key if key else "?"},
        "",
        _("Keep this message. To compare the database with it:"),
        f"manage.py scanforpay_audit --chain --root {root.text}",
    ]
    return "\n".join(lines)


def describe_month_root(last: date) -> str:
    """The last root up to a day, in a line of a report; "" when there is none."""
    root = ChainRoot.objects.newest(last)
    if root is None:
        return ""
    return _("Root of the chain of %(day)s: %(root)s, signature %(signature)s") % {
        "day": root.day,
        "root": root.text,
        "signature": root.signature,
    }
