"""The call offline/pay: a cashier scans the customer's code."""

from typing import Any, ClassVar

from scanforpay_django.codes import Code
from scanforpay_django.exceptions import OrderNotFound, PlatformRefused, RequestRefused
from scanforpay_django.flows.charge_barcode import charge_barcode, find_barcode_wallet
from scanforpay_django.flows.create_order import OrderContent
from scanforpay_django.merchant_api.envelope import Caller
from scanforpay_django.merchant_api.failure import translated_text
from scanforpay_django.merchant_api.serializers import BarcodeBody
from scanforpay_django.merchant_api.views import OrderView, wire_order
from scanforpay_django.models import Order

# what became of it: nothing, for good
FAILED_STATUS = 2


class BarcodeView(OrderView):
    """offline/pay: the merchant scans the customer's barcode and has the outcome at once."""

    operation_id = "chargeCode"
    summary = "Charge the code that the customer shows"
    answer_schema = "Order"
    body_class = BarcodeBody
    # A refusal has charged nothing: status 0 would tell the till to wait.
    error_extra: ClassVar[dict[str, Any]] = {}

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """As payQuery's; status 0 while the customer is at the password or nothing is known, code 2 when nothing was
        paid.
        """
        store = self.get_active_store()
        del fields["store_no"]
        code = fields.pop("barcode")
        fields["currency"] = fields["currency"] or store.currency
        content = OrderContent(entry=Order.Entry.BARCODE, wallet=find_barcode_wallet(code), **fields)
        try:
            order = charge_barcode(caller.partner, store, content, code)
        except RequestRefused:
            raise
        except Exception:
            # Whatever went wrong, the customer may have paid: the till has to learn the number that it asks about.
            self._tell_order(caller, fields["partner_order_no"])
            raise
        body = wire_order(self.find(caller, {"order_no": order.order_no}))
        if order.status() == FAILED_STATUS:
            body |= {
                "code": Code.FAILED,
                "msg": translated_text(PlatformRefused(), detailed=False, language=self.language),
            }
        return body

    def _tell_order(self, caller: Caller, partner_order_no: str) -> None:
        known = {"partnerOrderNo": partner_order_no}
        try:
            order = self.find(caller, {"partner_order_no": partner_order_no})
        except OrderNotFound:
            return
        # An attribute of this call's own view.
        self.error_extra = {**known, "orderNo": order.order_no, "status": order.status()}  # type: ignore[misc]
