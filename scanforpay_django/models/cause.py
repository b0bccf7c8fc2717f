"""Who or what changes an order."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

#: what a user model may take as a name, an email address among them
MAX_ACTOR_LENGTH = 254


class Source(models.TextChoices):
    """Where a change of an order comes from."""

    API = "api", _("merchant's call")
    PAGE = "page", _("pay page")
    PROJECT = "project", _("this project")
    PLATFORM_NOTIFY = "platform_notify", _("platform's notification")
    PLATFORM_QUERY = "platform_query", _("platform's answer")
    STAFF = "staff", _("staff")
    SWEEP = "sweep", _("sweep")
    RULE = "rule", _("store setting")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Travels from the caller to the order's timeline, where every event names its cause."""

    source: Source
    # the partner's number, or the user name of staff; "" where no person or merchant acted
    actor: str = ""
    # respMsgId of the merchant's call, or the platform's event
    request_id: str = ""


#: the periodic run found it
BY_SWEEP = Cause(source=Source.SWEEP)
#: a platform was asked and answered
PLATFORM_QUERY = Cause(source=Source.PLATFORM_QUERY)
