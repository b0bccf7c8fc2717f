"""After a restore: a request that was carried out in the time that is lost would be carried out again."""

from collections.abc import Mapping

from scanforpay_django.exceptions import BeforeRestore
from scanforpay_django.models.restore_cache import is_before_restore, is_restored
from scanforpay_django.request_header import find_moment


def check_after_restore(header: Mapping[str, object]) -> None:
    """Which requests were taken in that time is lost with it, so none from before is. Raises BeforeRestore."""
    if not is_restored():
        return
    moment = find_moment(header)
    if moment is not None and is_before_restore(moment):
        raise BeforeRestore
