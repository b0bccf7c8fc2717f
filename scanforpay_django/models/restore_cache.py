"""When the database was restored last, for every signed request: remembered for less than a second."""

from datetime import UTC, datetime

from scanforpay_django.models.restore import RestoreMark
from scanforpay_django.models.ttl_cache import TtlCache

# Stands for none: only what is there is remembered.
_NEVER = datetime.min.replace(tzinfo=UTC)


def _load(_name: str) -> datetime:
    mark = RestoreMark.objects.filter(backup_from__isnull=False).order_by("-at", "-pk").first()
    return mark.host_at if mark is not None and mark.host_at is not None else _NEVER


restored_at: "TtlCache[str, datetime]" = TtlCache(_load)


def is_restored() -> bool:
    """Whether there ever was a recovery: most databases never see one, and need not read a request's moment."""
    return restored_at.get("newest") is not _NEVER


def is_before_restore(moment: datetime) -> bool:
    """Whether a request of that moment may be one that was carried out in the time that is lost."""
    return moment < restored_at.get("newest")
