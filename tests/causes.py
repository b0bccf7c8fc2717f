"""What changes orders in the tests."""

from scanforpay_django.models import Cause, Source

API = Cause(source=Source.API, actor="10001", request_id="request-1")
PAGE = Cause(source=Source.PAGE)
NOTIFICATION = Cause(source=Source.PLATFORM_NOTIFY)
STAFF = Cause(source=Source.STAFF, actor="boss")
