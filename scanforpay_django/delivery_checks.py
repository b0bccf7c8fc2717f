"""Whether notifications are sent, and once: Celery's settings, the lease of a notification."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution
from django.utils.module_loading import import_string

from scanforpay_django.conf import CHECK_TAG, conf
from scanforpay_django.operations.celery_settings import differences, is_swept


@register(CHECK_TAG)
def check_celery(**_kwargs: Any) -> list[CheckMessage]:
    """W030, W031: Celery is to be woken, and would wait for Redis, lose its workers to slow shops, or never sweep."""
    if not conf.wakes_celery:
        return []
    # Loaded here and not by every web process, of which Celery would take 7 MB.
    settings = import_string("celery.current_app").conf
    found: list[CheckMessage] = []
    if different := differences(settings, deadline_seconds=conf.notify_deadline_seconds):
        hint = (
            "In the project's celery.py: add_to_celery(app) (scanforpay_django.operations.celery_settings), and import "
            "that app in the project's __init__.py. Different: "
        ) + "; ".join(different)
        found.append(
            Caution(
                "Celery is not set up: add_to_celery(app) was not called.", hint=hint, id="scanforpay.W030"
            )
        )
    if not is_swept(settings):
        hint = (
            "Call add_to_celery(app) after the project's own beat schedule, and run one beat: retries are due without "
            "any wake-up."
        )
        found.append(Caution("Celery's beat never sweeps.", hint=hint, id="scanforpay.W031"))
    return found


@register(CHECK_TAG)
def check_lease(**_kwargs: Any) -> list[CheckMessage]:
    """E032, W032: a notification could be claimed by another worker while it is being sent."""
    lease, deadline = conf.notify_lease_seconds, conf.notify_deadline_seconds
    if lease >= 4 * deadline:
        return []
    kind, letter = (Error, "E") if lease < 2 * deadline else (Caution, "W")
    text = f"SCANFORPAY_NOTIFY_LEASE_SECONDS ({lease:g}) is short beside the deadline ({deadline:g})."
    hint = f"Four times the deadline, {4 * deadline:g}, leaves time to record; under twice messages are sent twice."
    return [kind(text, hint=hint, id=f"scanforpay.{letter}032")]
