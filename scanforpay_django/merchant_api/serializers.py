"""Wire names (partnerOrderNo) <-> Python names (partner_order_no)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from scanforpay_django.exceptions import FieldMissing
from scanforpay_django.operations.wire_fields import Amount, Lifetime, Number, TextField, Title, Url, Word


class Body(serializers.Serializer[Any]):
    """The body of a call."""

    @classmethod
    def read(cls, body: object) -> dict[str, Any]:
        """The validated fields under their Python names. Raises FieldMissing or FieldInvalid for the first bad one."""
        if not isinstance(body, Mapping):
            raise FieldMissing(field="body")
        found: dict[str, Any] = {}
        for name, field in cls._fields().items():
            found[str(field.source)] = field.run_validation(body.get(name, empty))
        return found

    @classmethod
    @cache
    def _fields(cls) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields, bound once: they keep nothing of a call, and a serializer of its own for each would copy them."""
        return dict(cls().fields)


class CreateBody(Body):
    """The fields of jspay/create."""

    storeNo = Number(source="store_no", max_length=15)
    partnerOrderNo = Number(source="partner_order_no", max_length=32)
    wallet = TextField(max_length=10)
    orderAmount = Amount(source="amount")
    orderTitle = Title(source="title", max_length=100, required=False)
    operatorId = TextField(source="operator_id", max_length=20, required=False)
    terminalNo = TextField(source="terminal_no", max_length=20, required=False)
    notifyUrl = Url(source="notify_url", purpose="notify", required=False)
    returnUrl = Url(source="return_url", purpose="return", required=False)
    currency = TextField(max_length=10, required=False)
    it_b_pay = Lifetime(source="lifetime_seconds", required=False, default=None)


class ReportedCreateBody(CreateBody):
    """The fields of offline/qrcode and offline/create: create's, and two amounts that are only reported."""

    goodsAmount = Amount(source="goods_amount", required=False, default=None, smallest=0)
    goodsExtraAmount = Amount(source="goods_extra_amount", required=False, default=None, smallest=0)


class CounterCreateBody(CreateBody):
    """The fields of counter/create: create's, and the number of the till's code. Without a wallet any is taken."""

    counterNo = Number(source="counter_no", max_length=20)
    wallet = TextField(max_length=10, required=False)


class OnlineCreateBody(ReportedCreateBody):
    """The fields of online/create, where the currency is required."""

    currency = TextField(max_length=10)


class BarcodeBody(Body):
    """The fields of offline/pay: the wallet follows from the barcode, and there is no page to return from."""

    storeNo = Number(source="store_no", max_length=15)
    partnerOrderNo = Number(source="partner_order_no", max_length=32)
    barcode = Number(max_length=32)
    orderAmount = Amount(source="amount")
    orderTitle = Title(source="title", max_length=100, required=False)
    operatorId = TextField(source="operator_id", max_length=20, required=False)
    terminalNo = TextField(source="terminal_no", max_length=20, required=False)
    notifyUrl = Url(source="notify_url", purpose="notify", required=False)
    currency = TextField(max_length=10, required=False)
    goodsAmount = Amount(source="goods_amount", required=False, default=None, smallest=0)
    goodsExtraAmount = Amount(source="goods_extra_amount", required=False, default=None, smallest=0)


class RefundBody(Body):
    """common/refund. One published client sends a boolean for tradeSummary: it is not read."""

    partnerOrderNo = Number(source="partner_order_no", max_length=32)
    refundNo = Number(source="refund_no", max_length=32)
    orderAmount = Amount(source="amount")
    operatorId = TextField(source="operator_id", max_length=20, required=False)
    terminalNo = TextField(source="terminal_no", max_length=20, required=False)


class RefundQueryBody(Body):
    """The fields of common/refundQuery."""

    refundNo = Number(source="refund_no", max_length=32)


class NumbersBody(Body):
    """The fields of common/payQuery: which order is meant."""

    storeNo = Number(source="store_no", max_length=15, required=False)
    partnerOrderNo = Number(source="partner_order_no", max_length=32, required=False)
    orderNo = Number(source="order_no", max_length=32, required=False)


class CloseBody(NumbersBody):
    """The fields of common/close: which order is meant, and that closing is meant."""

    action = Word(allowed="close")
