"""The bare view and its heavier sisters. All of them read the envelope and check the signature in the plainest way."""

import hashlib
import hmac
import json
import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.shops.models import Order, Partner, Store
from benchmarks.shops.names import PARTNER_NO, SIGN_KEY

PAY_URL = "https://pay.example.com/pay/"


def proven_body(raw: bytes, key: str = SIGN_KEY) -> dict[str, Any]:
    """The request's body, if the signature over the raw text is right."""
    start, end = raw.index(b":") + 1, raw.rindex(b',"signature"')
    message = json.loads(raw)
    right = hashlib.sha256(raw[start:end] + key.encode()).hexdigest()
    if not hmac.compare_digest(right, message["signature"]):
        raise PermissionError
    return dict(message["request"]["body"])


def fields_of(body: dict[str, Any]) -> dict[str, Any]:
    """The columns of an order."""
    return {
        "store_no": body["storeNo"],
        "order_no": secrets.token_hex(12),
        "partner_order_no": body["partnerOrderNo"],
        "token": secrets.token_urlsafe(16),
        "wallet": body["wallet"],
        "amount": body["orderAmount"],
        "currency": body["currency"],
        "title": body["orderTitle"],
        "notify_url": body["notifyUrl"],
        "return_url": body["returnUrl"],
    }


def bare_create(request: HttpRequest) -> HttpResponse:
    """Parse, check one SHA-256, one ORM INSERT: the measure, 1.0."""
    body = proven_body(request.body)
    order = Order.objects.create(partner_no=PARTNER_NO, **fields_of(body))
    return JsonResponse({"code": 1, "payUrl": PAY_URL + order.token, "orderNo": order.order_no})


def bare_query(request: HttpRequest) -> HttpResponse:
    """Parse, check one SHA-256, one SELECT by an index: the measure for payQuery."""
    body = proven_body(request.body)
    order = Order.objects.get(partner_no=PARTNER_NO, partner_order_no=body["partnerOrderNo"])
    return JsonResponse(
        {
            "code": 1,
            "orderNo": order.order_no,
            "partnerOrderNo": order.partner_order_no,
            "orderAmount": order.amount,
            "currency": order.currency,
            "wallet": order.wallet,
            "status": order.state,
        }
    )


class OrderSerializer(serializers.ModelSerializer[Order]):
    """As one writes it with DRF: a SELECT for each of the two unique columns, then the INSERT."""

    class Meta:
        model = Order
        exclude = ["id", "created_at", "state"]
        validators: list[Any] = []


class PlainOrderSerializer(serializers.Serializer[Order]):
    """The same fields by hand: it asks the database nothing before the INSERT."""

    partner_no = serializers.CharField(max_length=15)
    store_no = serializers.CharField(max_length=15)
    order_no = serializers.CharField(max_length=32)
    partner_order_no = serializers.CharField(max_length=32)
    token = serializers.CharField(max_length=22)
    wallet = serializers.CharField(max_length=10)
    amount = serializers.IntegerField(min_value=1)
    currency = serializers.CharField(max_length=3)
    title = serializers.CharField(max_length=100, allow_blank=True)
    notify_url = serializers.CharField(max_length=200, allow_blank=True)
    return_url = serializers.CharField(max_length=200, allow_blank=True)

    def create(self, validated_data: dict[str, Any]) -> Order:
        """One INSERT."""
        return Order.objects.create(**validated_data)


class DrfCreate(APIView):
    """The same through DRF."""

    serializer_class: type[serializers.BaseSerializer[Order]] = OrderSerializer
    authentication_classes = []
    permission_classes = []
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    def post(self, request: Request) -> Response:
        """Parse, check, serializer, INSERT."""
        raw = request._request.body
        body = proven_body(raw)
        serializer = self.serializer_class(
            data={**fields_of(body), "partner_no": request.data["request"]["header"]["partnerNo"]}
        )
        serializer.is_valid(raise_exception=True)
        order = serializer.save()
        return Response({"code": 1, "payUrl": PAY_URL + order.token, "orderNo": order.order_no})


def five_create(request: HttpRequest) -> HttpResponse:
    """Two lookups, a transaction, a check for duplicates, the INSERT."""
    partner_no = json.loads(request.body)["request"]["header"]["partnerNo"]
    partner = get_object_or_404(Partner, partner_no=partner_no)
    body = proven_body(request.body, partner.sign_key)
    store = get_object_or_404(Store, partner=partner, store_no=body["storeNo"])
    with transaction.atomic():
        known = Order.objects.filter(partner_no=partner_no, partner_order_no=body["partnerOrderNo"])
        order = known.first() or Order.objects.create(
            partner_no=partner_no, **{**fields_of(body), "store_no": store.store_no}
        )
    return JsonResponse({"code": 1, "payUrl": PAY_URL + order.token, "orderNo": order.order_no})
