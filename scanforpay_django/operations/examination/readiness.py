"""Whether this installation takes payments and notifies merchants now: four statements, in well under a second."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from django.db.migrations.executor import MigrationExecutor
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scanforpay_django.models import Notification, NotificationAttempt, Partner, WorkerBeat
from scanforpay_django.models.database import connection
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.examination.finding import Finding, right, wrong

logger = logging.getLogger(__name__)

#: a worker says every ten seconds that it is alive: after this time a page is red within a minute of its end
WORKER_SEEN_WITHIN = timedelta(seconds=45)
#: a notification that is due for longer, while no attempt was made, is not delivered
MAX_OVERDUE = timedelta(minutes=5)
#: applied migrations are not taken back while a server runs
MIGRATIONS_KNOWN_SECONDS = 60.0
START_A_WORKER = gettext_lazy(
    "Start manage.py scanforpay_worker, or Celery with its beat; look at the log of the one that ended."
)


def examine_readiness() -> list[Finding]:
    """Database, migrations, workers, queue. When the database is away, nothing else can be known."""
    try:
        Partner.objects.order_by().values_list("pk").first()
    except (DatabaseError, InterfaceError) as error:
        return [_describe_database(error)]
    looks: tuple[Callable[[], Finding], ...] = (_examine_migrations, _examine_workers, _examine_queue)
    return [right("database", connection().display_name), *(_look(one) for one in looks)]


def _look(examine: Callable[[], Finding]) -> Finding:
    try:
        return examine()
    except (DatabaseError, InterfaceError) as error:
        return _describe_database(error)


def _describe_database(error: Exception) -> Finding:
    # The driver's text may name the user and the host: it goes to the log alone.
    logger.warning("the database failed: %s", error)
    return wrong(
        "database",
        _("The database does not answer: %(error)s.") % {"error": type(error).__name__},
        _("Look at the log for the driver's message; check DATABASES and that manage.py migrate was run."),
    )


class _KnownMigrations:
    """What was found is remembered for a minute: to look reads every migration file."""

    def __init__(self) -> None:
        self._known_until = 0.0

    def find_missing(self) -> int:
        """How many of this app's migrations are not applied."""
        if time.monotonic() < self._known_until:
            return 0
        label = Partner._meta.app_label
        executor = MigrationExecutor(connection())
        targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == label]
        missing = [one for one, _backwards in executor.migration_plan(targets) if one.app_label == label]
        if not missing:
            self._known_until = time.monotonic() + MIGRATIONS_KNOWN_SECONDS
        return len(missing)


_migrations = _KnownMigrations()


def _examine_migrations() -> Finding:
    missing = _migrations.find_missing()
    if not missing:
        return right("migrations", _("All are applied."))
    text = ngettext("%(count)d migration is not applied.", "%(count)d migrations are not applied.", missing)
    return wrong("migrations", text % {"count": missing}, _("Run manage.py migrate."))


def _examine_workers() -> Finding:
    beats = list(WorkerBeat.objects.lately())
    seen = {beat.host for beat in beats if beat.at >= beat.now - WORKER_SEEN_WITHIN}  # type: ignore[attr-defined]
    if seen:
        return right("workers", _("Seen on %(hosts)s.") % {"hosts": ", ".join(sorted(seen))})
    last = max((beat.at for beat in beats), default=None)
    if last is None:
        return wrong("workers", _("No worker is alive; none was seen within a day."), str(START_A_WORKER))
    text = _("No worker is alive; the last was seen at %(moment)s.")
    return wrong("workers", text % {"moment": f"{last:%Y-%m-%d %H:%M:%S %Z}"}, str(START_A_WORKER))


def _examine_queue() -> Finding:
    """Something is due and nothing is tried. A merchant's server that is down or slow is no reason: attempts go on."""
    # the always true condition is the index's
    pending = Notification.objects.filter(state=Notification.State.PENDING, attempt_count__gte=0)
    overdue = pending.filter(next_at__lte=database_now() - MAX_OVERDUE).order_by("next_at")
    oldest = overdue.values_list("next_at", flat=True).first()
    if oldest is None or _was_tried_lately():
        return right("queue", _("Attempts go on.") if oldest else _("Nothing is overdue."))
    text = _("A notification is due since %(moment)s, and nothing was sent for minutes.")
    return wrong("queue", text % {"moment": f"{oldest:%Y-%m-%d %H:%M:%S %Z}"}, str(START_A_WORKER))


def _was_tried_lately() -> bool:
    newest = NotificationAttempt.objects.order_by("-pk").annotate(
        is_late=ExpressionWrapper(Q(started_at__lt=database_now() - MAX_OVERDUE), BooleanField())
    )
    found = newest.values_list("is_late", flat=True).first()
    return found is not None and not found
