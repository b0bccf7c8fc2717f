"""One small view per call."""

import hashlib
from typing import Any, ClassVar, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from scanforpay_django.chunked_body import accept_chunks
from scanforpay_django.codes import Code
from scanforpay_django.exceptions import (
    AlreadyPaid,
    FieldInvalid,
    NotAuthorised,
    NumberMissing,
    OrderNotFound,
    RequestRefused,
    rule,
)
from scanforpay_django.flows.charge_barcode import refreshed
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.counter_sale import sell_at_till
from scanforpay_django.flows.create_order import OrderContent, create_order
from scanforpay_django.flows.order_code import order_code
from scanforpay_django.merchant_api.envelope import (
    AnyNegotiation,
    Caller,
    EnvelopeParser,
    EnvelopeRenderer,
    SignatureAuthentication,
    get_message,
    sealed,
)
from scanforpay_django.merchant_api.failure import exception_handler
from scanforpay_django.merchant_api.lazy_schema import LazySchema
from scanforpay_django.merchant_api.serializers import (
    Body,
    CloseBody,
    CounterCreateBody,
    CreateBody,
    NumbersBody,
    OnlineCreateBody,
    ReportedCreateBody,
)
from scanforpay_django.merchant_notify.outbox import record_learned_by_query
from scanforpay_django.models import CounterCode, Order, SeenRequest, Store, partner_cache
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.models.hot_queries import PayQueryRow, find_pay_query_row
from scanforpay_django.operations.wire_fields import NUMBER_PATTERN
from scanforpay_django.page_address import page_address
from scanforpay_django.signing import MAX_MESSAGE_BYTES
from scanforpay_django.wire import ANY_WALLET, order_body

NO_CODE = gettext_noop("is the number of no counter code of this store")


class ApiView(APIView):
    """A signed call. The project's REST_FRAMEWORK setting is neither read nor needed."""

    parser_classes = [EnvelopeParser]
    renderer_classes = [EnvelopeRenderer]
    authentication_classes = [SignatureAuthentication]
    permission_classes = []
    throttle_classes = []
    content_negotiation_class = AnyNegotiation
    versioning_class = None
    http_method_names = ["post"]
    body_class: ClassVar[type[Body]]
    error_extra: ClassVar[dict[str, Any]] = {}
    # whether the same bytes again only read
    is_carried_out_once: ClassVar[bool] = False
    # for the OpenAPI document
    schema = LazySchema("scanforpay_django.merchant_api.openapi.EnvelopeSchema")
    operation_id: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    answer_schema: ClassVar[str] = ""
    # "" until the store is known
    language = ""
    store: Store | None = None
    # SHA-256 of the signed bytes, as hex
    digest = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The view, outside of ATOMIC_REQUESTS: each flow says its own transaction border."""
        return non_atomic_requests(super().as_view(**initkwargs))

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF takes a body without a length for none."""
        accept_chunks(request, MAX_MESSAGE_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Another method is no call at all: said before anybody is asked for a signature."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return exception_handler

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Read the body, answer the call. What succeeds needs none of DRF's choosing of a renderer."""
        caller = cast("Caller", request.auth)
        message = get_message(request)
        self.digest = hashlib.sha256(message.raw).hexdigest()
        body = message.value.get("body")
        self._find_store(caller, body.get("storeNo") if isinstance(body, dict) else None)
        try:
            answer = self.answer(caller, self.body_class.read(body))
        except RequestRefused:
            # Captured, and sent again when it could be carried out, it would do what the merchant no longer wants.
            if self.is_carried_out_once:
                SeenRequest.objects.mark(caller.partner.pk, self.digest)
            raise
        return HttpResponse(sealed(request, answer), content_type=EnvelopeRenderer.media_type)

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer."""
        raise NotAuthorised

    def _find_store(self, caller: Caller, store_no: object) -> None:
        """The store that is named, before anything is checked: refusals are in its language."""
        if isinstance(store_no, str) and NUMBER_PATTERN.fullmatch(store_no):
            self.store = partner_cache.stores.get((caller.partner.pk, store_no))
        if self.store is not None:
            self.language = self.store.language

    def get_active_store(self) -> Store:
        """The caller's active store. Raises NotAuthorised alike for a stranger's and for none."""
        if self.store is None or not self.store.is_active:
            raise NotAuthorised(detail=rule(gettext_noop("storeNo is not an active store of this partner.")))
        return self.store


class CreateView(ApiView):
    """jspay/create: an order and the address of its pay page."""

    operation_id = "createJsApiOrder"
    summary = "Create an order that is paid inside a wallet's app"
    answer_schema = "Created"
    body_class = CreateBody
    entry: ClassVar[str] = Order.Entry.JSPAY

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """payUrl; the same for the same call again."""
        store = self.get_active_store()
        del fields["store_no"]
        fields["currency"] = fields["currency"] or store.currency
        return created(create_order(caller.partner, store, OrderContent(entry=self.entry, **fields)))


def created(order: Order) -> dict[str, Any]:
    """The answer to a call that made an order."""
    return {
        "code": Code.SUCCESS,
        "msg": Code.SUCCESS.text,
        "payUrl": page_address(order.token),
        "orderNo": order.order_no,
        "partnerOrderNo": order.partner_order_no,
    }


class OnlineCreateView(CreateView):
    """online/create: an order that is paid on a website."""

    operation_id = "createWebsiteOrder"
    summary = "Create an order that is paid on a website"
    body_class = OnlineCreateBody
    entry = Order.Entry.ONLINE


class QrCodeView(CreateView):
    """offline/qrcode: the page shows the QR code first, wherever it is open."""

    operation_id = "createQrCodeOrder"
    summary = "Create an order that is paid by scanning a QR code"
    body_class = ReportedCreateBody
    entry = Order.Entry.QRCODE


class CodeView(CreateView):
    """offline/create: the merchant shows the code itself, on a screen or a receipt."""

    operation_id = "createCodeOrder"
    summary = "Create an order whose code the merchant shows itself"
    answer_schema = "CreatedCode"
    body_class = ReportedCreateBody
    entry = Order.Entry.CODE

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """As create's, and what the code has to hold; the same for the same call again while the code lives."""
        body = super().answer(caller, fields)
        order = Order.objects.select_related("store", "partner").get(order_no=body["orderNo"])
        is_repeated = not SeenRequest.objects.mark(caller.partner.pk, self.digest)
        code = order_code(order, is_repeated=is_repeated)
        # The vendor's page of this call does not preserve the answer's table: its clients may read either spelling.
        return {**body, "qrCode": code, "qrcode": code}


class CounterView(CreateView):
    """counter/create: who scans a till's printed code finds this order. Our own call: the vendor has none like it."""

    operation_id = "createCounterOrder"
    summary = "Create an order that is paid by scanning a till's printed code"
    body_class = CounterCreateBody

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """As create's; the same for the same call again, which changes nothing at the till."""
        store = self.get_active_store()
        code = CounterCode.objects.filter(store=store, number=fields.pop("counter_no")).first()
        if code is None:
            raise FieldInvalid(field="counterNo", rule=rule(NO_CODE))
        del fields["store_no"]
        fields["currency"] = fields["currency"] or code.currency or store.currency
        fields["wallet"] = fields["wallet"] or ANY_WALLET
        fields["terminal_no"] = fields["terminal_no"] or code.number
        fields["notify_url"] = fields["notify_url"] or code.notify_url
        order = sell_at_till(code, OrderContent(entry=Order.Entry.COUNTER, **fields))
        return created(order)


class OrderView(ApiView):
    """A call about one order that is there."""

    body_class: ClassVar[type[Body]] = NumbersBody
    # Published clients read `status` of whatever comes back.
    error_extra: ClassVar[dict[str, Any]] = {"status": 0}

    def numbers(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Which order is meant. Raises NotAuthorised, NumberMissing."""
        store_id = self.get_active_store().pk if fields["store_no"] else None
        if not fields["order_no"] and not fields["partner_order_no"]:
            raise NumberMissing
        wanted = "order_no" if fields["order_no"] else "partner_order_no"
        return {wanted: fields[wanted], "store_id": store_id}

    def find(self, caller: Caller, numbers: dict[str, Any]) -> PayQueryRow:
        """The order that the numbers name. Raises OrderNotFound."""
        order = find_pay_query_row(caller.partner.pk, **numbers)
        if order is None:
            raise OrderNotFound
        return order


def wire_order(order: PayQueryRow) -> dict[str, Any]:
    """The order as the wire shows it."""
    return order_body(order, buyer=order.buyer, buyer_id=order.payer_id)


class PayQueryView(OrderView):
    """common/payQuery: what became of an order."""

    operation_id = "queryOrder"
    summary = "Ask about an order"
    answer_schema = "Order"

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """The order as the wire shows it."""
        numbers = self.numbers(fields)
        order = self.find(caller, numbers)
        if order.is_code_pending:
            refreshed(Order.objects.get(order_no=order.order_no))
            order = self.find(caller, numbers)
        if order.unlearned_notification_id is not None and order.state == Order.State.PAID:
            record_learned_by_query(order.unlearned_notification_id)
        return wire_order(order)


class CloseView(OrderView):
    """common/close: closed at the platform, then here. Closing what is over already is no mistake.

    A signature covers neither path nor use: without a field of its own, a query's signed body could be sent here by
    anyone who has seen it.
    """

    operation_id = "closeOrder"
    summary = "Close an order"
    answer_schema = "Order"
    body_class = CloseBody
    is_carried_out_once = True
    # What is paid is not "to be paid".
    error_extra: ClassVar[dict[str, Any]] = {}

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """The closed order; the same bytes again only read. Raises AlreadyPaid for a paid one."""
        numbers = self.numbers(fields)
        wanted = {name: value for name, value in numbers.items() if value is not None}
        order = Order.objects.filter(partner=caller.partner, **wanted).first()
        if order is None:
            raise OrderNotFound
        if SeenRequest.objects.mark(caller.partner.pk, self.digest):
            order = close_order(order, caller.cause)
        if order.state in (Order.State.PAID, Order.State.REFUNDED):
            raise AlreadyPaid
        return wire_order(self.find(caller, numbers))
