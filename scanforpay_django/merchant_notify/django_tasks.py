"""The wake-up through Django's own tasks, from Django 6.0 on, whatever backend TASKS names. For SCANFORPAY_WAKE_UP.

Source: docs.djangoproject.com/en/6.0/topics/tasks/.
"""

from django.tasks import task

from scanforpay_django.merchant_notify.tasks import deliver_due


@task()
def deliver() -> None:
    """What ``wake_up`` asks for."""
    deliver_due()


def wake_up() -> None:
    """Ask a worker of the default backend to deliver now.

    Raises the backend's errors. Called in the background (see ``waking``): with the immediate backend, Django's
    default, this very thread delivers, and no request waits for it.
    """
    deliver.enqueue()
