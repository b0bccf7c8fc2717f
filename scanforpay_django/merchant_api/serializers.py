"""Wire names (partnerOrderNo) <-> Python names (partner_order_no)."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from scanforpay_django.exceptions import FieldInvalid, FieldMissing
from scanforpay_django.merchant_api.fields import Amount, Number, Text, Title, Url


class Body(serializers.Serializer[Any]):
    """The body of a call."""

    @classmethod
    def read(cls, body: object) -> dict[str, Any]:
        """The validated fields under their Python names. Raises FieldMissing or FieldInvalid for the first bad one."""
        if not isinstance(body, Mapping):
            raise FieldMissing(field="body")
        serializer = cls(data=dict(body))
        if not serializer.is_valid():
            name, details = next(iter(serializer.errors.items()))
            detail: ErrorDetail = details[0]
            if detail.code == "missing":
                raise FieldMissing(field=name)
            raise FieldInvalid(field=name, rule=str(detail))
        return dict(serializer.validated_data)


class CreateBody(Body):
    """jspay/create."""

    storeNo = Number(source="store_no", max_length=15)
    partnerOrderNo = Number(source="partner_order_no", max_length=32)
    wallet = Text(max_length=10)
    orderAmount = Amount(source="amount")
    orderTitle = Title(source="title", max_length=100, required=False)
    operatorId = Text(source="operator_id", max_length=20, required=False)
    terminalNo = Text(source="terminal_no", max_length=20, required=False)
    notifyUrl = Url(source="notify_url", purpose="notify", required=False)
    returnUrl = Url(source="return_url", purpose="return", required=False)
    currency = Text(max_length=10, required=False)


class ReportedCreateBody(CreateBody):
    """offline/qrcode."""

    goodsAmount = Amount(source="goods_amount", required=False, default=None, smallest=0)
    goodsExtraAmount = Amount(source="goods_extra_amount", required=False, default=None, smallest=0)


class OnlineCreateBody(ReportedCreateBody):
    """online/create."""

    currency = Text(max_length=10)


class RefundBody(Body):
    """common/refund. One published client sends a boolean for tradeSummary: it is not read."""

    partnerOrderNo = Number(source="partner_order_no", max_length=32)
    refundNo = Number(source="refund_no", max_length=32)
    orderAmount = Amount(source="amount")
    operatorId = Text(source="operator_id", max_length=20, required=False)
    terminalNo = Text(source="terminal_no", max_length=20, required=False)


class RefundQueryBody(Body):
    """common/refundQuery."""

    refundNo = Number(source="refund_no", max_length=32)


class NumbersBody(Body):
    """common/payQuery and common/close."""

    storeNo = Number(source="store_no", max_length=15, required=False)
    partnerOrderNo = Number(source="partner_order_no", max_length=32, required=False)
    orderNo = Number(source="order_no", max_length=32, required=False)
