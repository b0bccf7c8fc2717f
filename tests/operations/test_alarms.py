"""Partners are mailed about notifications that were given up."""

from datetime import timedelta
from typing import Any

import pytest
from django import VERSION
from django.core import mail

from scanforpay_django import clock
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.models import Notification
from scanforpay_django.models.moments import DatabaseNow as Now
from scanforpay_django.operations import alarms
from scanforpay_django.operations.alarms import mail_partners
from scanforpay_django.operations.audit import audit
from tests.rows import Rows
from tests.transport.zoo import Zoo, never_reads, whole

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "http://127.0.0.1:81/"


def given_up(rows: Rows, url: str, **columns: Any) -> list[Notification]:
    store = rows.store(rows.partner(**columns), language="en")
    made = [rows.notification(url, store) for _ in range(2)]
    assert drain().exhausted == 2
    return made


def test_the_partner_is_mailed_once_for_all(rows: Rows, zoo: Zoo) -> None:
    made = given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    assert mail_partners() == 1
    assert mail_partners() == 0
    (message,) = mail.outbox
    assert message.to == ["shop@example.com"]
    assert message.subject == "Your shop was not notified of 2 payments"
    assert all(row.order.partner_order_no in message.body for row in made)
    assert "HTTP status 410" in message.body


def mail_by(settings: Any, backend: str, **options: Any) -> None:
    """As a project sets it: by MAILERS from Django 6.1 on."""
    if VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
        return
    settings.EMAIL_BACKEND = backend
    for name, value in options.items():
        setattr(settings, f"EMAIL_{name.upper()}", value)


def test_a_mail_that_fails_is_in_the_log_and_goes_later(
    rows: Rows, zoo: Zoo, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_by(settings, "no.such.Backend")
    given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    assert mail_partners() == 0
    assert mail_partners() == 0
    assert caplog.text.count("mail about 2 notifications failed") == 1
    mail_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(alarms, "_failed_until", {})
    assert mail_partners() == 1
    assert len(mail.outbox) == 1


@pytest.mark.timeout(10)
def test_a_mail_server_that_hangs_does_not_hold_up_the_worker(
    rows: Rows, zoo: Zoo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django waits for ever unless EMAIL_TIMEOUT is set; the same thread asks for payments nobody told us of."""
    given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    monkeypatch.setattr(alarms, "MAIL_SECONDS", 0.3)
    port = int(zoo.cage(never_reads).rpartition(":")[2])
    mail_by(settings, "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    assert mail_partners() == 0
    assert not Notification.objects.filter(mailed_at__isnull=False).exists()


def test_a_mail_that_a_killed_worker_was_sending_goes_later(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(alarms, "send_mail", killed)
        with pytest.raises(SystemExit):
            mail_partners()
    assert mail_partners() == 0
    assert not [one for one in audit() if one.check.code.startswith("leased")]
    Notification.objects.update(lease_until=Now())
    assert mail_partners() == 1
    assert mail_partners() == 0
    made[0].refresh_from_db()
    assert (made[0].lease_until, made[0].lease_token) == (None, "")
    assert made[0].mailed_at is not None


def test_what_is_being_mailed_about_can_be_sent_again(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    monkeypatch.setattr(alarms, "send_mail", lambda *_, **__: resend(made[0]))
    assert mail_partners() == 1
    first, second = Notification.objects.order_by("pk")
    assert (first.state, first.mailed_at, first.lease_until) == ("pending", None, None)
    assert (second.state, second.lease_until) == ("exhausted", None)
    assert second.mailed_at is not None


def test_old_alarms_are_no_news(rows: Rows, zoo: Zoo) -> None:
    given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    Notification.objects.update(alarmed_at=clock.now() - timedelta(days=8))
    assert mail_partners() == 0


def test_a_partner_without_address_is_not_mailed_and_sending_again_ends_the_alarm(
    rows: Rows, zoo: Zoo
) -> None:
    made = given_up(rows, zoo.answering(whole(b"", b"410 Gone")))
    assert mail_partners() == 0
    assert resend(made[0])
    made[0].refresh_from_db()
    assert (made[0].alarmed_at, made[0].mailed_at) == (None, None)


def test_a_partner_whose_mail_fails_keeps_no_other_from_its_mail(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up(rows, zoo.answering(whole(b"", b"410 Gone")), contact_email="shop@example.com")
    store = rows.store(rows.partner(contact_email="full@example.com"))
    for _ in range(101):
        rows.notification(SHOP, store, state="exhausted", alarmed_at=clock.now())
    monkeypatch.setattr(alarms, "_failed_until", {store.partner_id: float("inf")})
    assert mail_partners() == 1
    assert [message.to for message in mail.outbox] == [["shop@example.com"]]
