"""The pay page, its live status, and the way back to the shop."""

import logging
import re
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from scanforpay_django import clock
from scanforpay_django.cashier.browser import get_browser, remember, stay_here
from scanforpay_django.cashier.page import render_page, render_unknown
from scanforpay_django.cashier.pending_page import go, render_code_first, render_pending_page
from scanforpay_django.cashier.visit import RETURNABLE, Visit, make_visit, shown_state
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.close_order import NotClosable, close_order
from scanforpay_django.flows.query_platform import query_payment_throttled
from scanforpay_django.models import Cause, Order, PageVisit, Source, Store
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.models.hot_queries import find_page_row
from scanforpay_django.transport import parse_url

logger = logging.getLogger(__name__)

_PAYMENT_NUMBER = re.compile(r"[A-Za-z0-9]{1,32}")
# What keeps a platform from being asked is logged; the page shows what is known and asks again.
QUERY_ERRORS = (ScanForPayError, DatabaseError, ImproperlyConfigured)


@method_decorator([non_atomic_requests, csrf_exempt], name="dispatch")
class PageView(View):
    """A view of one order's page. ``csrf_exempt``: what a form may do hangs on a SameSite cookie of our own."""

    # No HEAD: it would sign in, open payments and use up the way back without anybody looking.
    http_method_names = ["get"]
    #: whether this view is the page itself, which gives the browser its cookie
    opens_page = False

    def dispatch(self, request: HttpRequest, *args: Any, token: str = "", **kwargs: Any) -> HttpResponseBase:
        """Find the order and remember the browser."""
        order = find_page_row(token)
        if order is None:
            return render_unknown(request)
        visit = make_visit(request, order, token, opens=self.opens_page)
        response = super().dispatch(request, *args, visit=visit, **kwargs)
        if isinstance(response, HttpResponse) and self.opens_page and not visit.is_known:
            remember(request, response, token, visit.browser)
            _record_visit(visit)
        return response


def _record_visit(visit: Visit) -> None:
    """For staff alone: the customer gets the page whatever becomes of it."""
    try:
        with atomic():
            PageVisit.objects.record(visit.order, visit.channel.name)
    except DatabaseError as error:
        logger.warning("order %s: that its page was opened is not recorded: %s", visit.order.order_no, error)


class PayView(PageView):
    """GET pay/<token>: the page that fits the order, its state and the app it is open in."""

    opens_page = True

    def get(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        if shown_state(visit.order) != Order.State.PENDING:
            return render_page(visit, "result")
        if request.GET.get("here") == "1" and visit.shows_code_first():
            return stay_here(HttpResponseRedirect(visit.url("pay")), visit.token)
        return render_code_first(visit) if visit.shows_code_first() else render_pending_page(visit)


class GoView(PageView):
    """POST pay/<token>/go: the tap on a page whose platform learns of the payment only now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        """Open the payment and send the browser to the platform."""
        if shown_state(visit.order) != Order.State.PENDING:
            return HttpResponseRedirect(visit.url("pay"))
        return go(visit)


class StatusView(PageView):
    """GET pay/<token>/status: what our server knows, after asking the platform where that may help."""

    def get(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        """{"state": ..., "next": path or null}."""
        order = visit.order
        visit.bind()
        if order.state == Order.State.PENDING:
            ask_about(order)
            order.refresh_from_db(fields=["state", "returned_at"])
        goes_on = order.state == Order.State.PAID and visit.may_return()
        answer = JsonResponse({"state": shown_state(order), "next": visit.url("return") if goes_on else None})
        answer["Cache-Control"] = "private, no-store"
        return answer


def ask_about(order: Order) -> None:
    """Ask the platform about the order's unfinished attempts; what it does not answer is asked again later."""
    for payment in order.payments.unfinished().select_related("account"):
        try:
            query_payment_throttled(payment)
        except QUERY_ERRORS as error:
            logger.info("payment %s could not be asked about: %s", payment.out_trade_no, error)


class ReturnView(PageView):
    """GET pay/<token>/return: once, the browser that opened the payUrl goes to the stored returnUrl."""

    def get(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        """The form that posts itself, or a 303 where the store chose GET."""
        prefetch = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
        if prefetch or not visit.may_return() or visit.order.state not in RETURNABLE:
            return HttpResponseRedirect(visit.url("pay"))
        return return_to_shop(visit)


@non_atomic_requests
def back_from_platform(request: HttpRequest, number: str) -> HttpResponse:
    """Where platforms send the browser back to. One address for every visitor of an attempt: whose page it is, the
    cookie says, so that who scanned a code never learns the payUrl.
    """
    order = (
        Order.objects.filter(payments__out_trade_no=number).first()
        if _PAYMENT_NUMBER.fullmatch(number)
        else None
    )
    if order is None:
        return render_unknown(request)
    is_owner = get_browser(request, order.token) is not None
    token = order.token if is_owner else order.scan_token
    return HttpResponseRedirect(reverse("scanforpay:pay", args=[token]))


class LeaveView(PageView):
    """POST pay/<token>/leave: unpaid back to the shop. The order is closed at the platform first."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        """Close, then return; "paid" wins."""
        if not visit.may_return():
            return HttpResponseRedirect(visit.url("pay"))
        try:
            order = close_order(visit.order, Cause(source=Source.PAGE))
        except NotClosable:
            # Trying again would change nothing: the order stays pending, and watched.
            return return_to_shop(visit)
        except QUERY_ERRORS as error:
            logger.warning("order %s cannot be closed now: %s", visit.order.order_no, error)
            return render_page(visit, "problem", problem="closing")
        visit.order.state = order.state
        if order.state == Order.State.PAID:
            return HttpResponseRedirect(visit.url("pay"))
        return return_to_shop(visit)


def return_to_shop(visit: Visit) -> HttpResponse:
    """To the stored returnUrl and nowhere else, once: two requests at a time, and one gets the form."""
    order = visit.order
    order.returned_at = clock.now()
    unused = Order.objects.filter(pk=order.pk, returned_at__isnull=True)
    if not unused.filter(return_browser__in=("", visit.browser)).update(returned_at=order.returned_at):
        return HttpResponseRedirect(visit.url("pay"))
    fields = {"partnerOrderNo": order.partner_order_no, "orderNo": order.order_no}
    # What this project made itself comes back by GET: Django's CSRF check refuses a form from another page.
    if order.entry == Order.Entry.PROJECT or order.store.return_method == Store.ReturnMethod.GET:
        answer = HttpResponse(status=303)
        answer["Location"] = _with_query(order.return_url, fields)
        answer["Cache-Control"] = "private, no-store"
        answer["Referrer-Policy"] = "strict-origin"
        return answer
    response = render_page(visit, "return", fields=fields)
    targets = "https: http:" if order.return_url.lower().startswith("http:") else "https:"
    policy = response["Content-Security-Policy"].replace("form-action 'self'", f"form-action {targets}")
    response["Content-Security-Policy"] = policy
    return response


def _with_query(url: str, fields: dict[str, str]) -> str:
    """The address in ASCII with the fields in its query, replacing same-named ones; the rest stays as it is."""
    parts = urlsplit(parse_url(url, purpose="return").url)
    kept = [
        pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in fields
    ]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode(fields)])))
