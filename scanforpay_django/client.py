"""A merchant's side of the API in one importable file: sign, call, verify answers and notifications.

    client = Client("https://pay.example.com/api/", "10001", "the sign key")
    answer = client.create_order(store_no="100010000000002", partner_order_no="p1", wallet="Wechat", amount=2100,
                                 notify_url="https://shop.example.com/notify", return_url="https://shop.example.com/done")
    send_the_customer_to(answer.pay_url)

It stands alone: it needs ``requests`` and nothing of this project, so that it can be copied.
"""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import requests

__all__ = ["ApiError", "Client", "Created", "InvalidMessage", "OrderStatus"]


class InvalidMessage(ValueError):
    """An answer or notification whose signature is not right: believe nothing of it."""


class ApiError(Exception):
    """The API refused the call: ``code`` and ``msg`` as it said."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(f"{code}: {msg}")
        self.code = code
        self.msg = msg


@dataclass(frozen=True)
class Created:
    """A new order."""

    pay_url: str
    order_no: str


@dataclass(frozen=True)
class OrderStatus:
    """An order as payQuery and notifications show it."""

    order_no: str
    partner_order_no: str
    # minor units
    amount: int
    # ISO 4217
    currency: str
    wallet: str
    # 0 to be paid, 1 success, 2 failed, 3 refunded
    status: int
    # RFC 3339, "" while unpaid
    pay_time: str
    buyer: str

    @property
    def is_paid(self) -> bool:
        """Whether the money is there. Compare amount and currency with your own order too."""
        return self.status == 1


@dataclass
class Client:
    """Calls of one partner. ``base_url`` is where the API is mounted, ending in ``/api/``."""

    base_url: str
    partner_no: str
    sign_key: str = field(repr=False)
    # connect and read time limits
    timeout_seconds: tuple[float, float] = (3.05, 30)

    def __post_init__(self) -> None:
        if not self.sign_key:
            raise ValueError("an empty sign key signs nothing")
        self._session = requests.Session()

    def create_order(
        self,
        *,
        store_no: str,
        partner_order_no: str,
        wallet: str,
        amount: int,
        title: str = "",
        notify_url: str = "",
        return_url: str = "",
        currency: str = "",
    ) -> Created:
        """JS API order. The same call again is safe and answers the same. Raises ApiError, InvalidMessage."""
        body = {
            "storeNo": store_no,
            "partnerOrderNo": partner_order_no,
            "wallet": wallet,
            "orderAmount": amount,
            "orderTitle": title,
            "notifyUrl": notify_url,
            "returnUrl": return_url,
            "currency": currency,
        }
        found = self.call("jspay/create", {name: value for name, value in body.items() if value != ""})
        return Created(pay_url=str(found["payUrl"]), order_no=str(found["orderNo"]))

    def query_order(
        self, *, partner_order_no: str = "", order_no: str = "", store_no: str = ""
    ) -> OrderStatus:
        """payQuery. Raises ApiError, InvalidMessage."""
        body = {"partnerOrderNo": partner_order_no, "orderNo": order_no, "storeNo": store_no}
        return _status(self.call("common/payQuery", {name: value for name, value in body.items() if value}))

    def read_notification(self, raw: bytes) -> OrderStatus:
        """What a notification says, proven. Answer it with the text ``success``. Raises InvalidMessage."""
        body = self._proven(raw)
        return _status(body)

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Any call: the answer's body, proven. Raises ApiError for every code but 1, requests' errors as they are."""
        header = {
            "version": "1.0",
            "partnerNo": self.partner_no,
            "reqMsgId": str(uuid.uuid4()),
            "reqTime": datetime.now(timezone.utc).isoformat(timespec="seconds"),  # noqa: UP017
            "signType": "SHA256",
        }
        value = json.dumps({"header": header, "body": body}, separators=(",", ":"))
        message = f'{{"request":{value},"signature":"{self._sign(value.encode())}"}}'
        answer = self._session.post(
            self.base_url.rstrip("/") + "/" + path,
            data=message.encode(),
            headers={"Content-Type": "application/json"},
            timeout=self.timeout_seconds,
            allow_redirects=False,
        )
        return self._checked(answer.content)

    def _checked(self, raw: bytes) -> dict[str, Any]:
        # An unsigned refusal (code 8) is believed as a refusal only.
        try:
            unproven = json.loads(raw)["response"]["body"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidMessage("the answer is not an envelope") from error
        if unproven.get("code") != 1:
            raise ApiError(int(unproven.get("code", 9)), str(unproven.get("msg", "")))
        return self._proven(raw)

    def _proven(self, raw: bytes) -> dict[str, Any]:
        """The body of {"response": ..., "signature": ...} after its signature was checked on the raw bytes."""
        start, end = b'{"response":', b',"signature":"'
        at = raw.rfind(end)
        if not raw.startswith(start) or at < 0 or not raw.endswith(b'"}'):
            raise InvalidMessage("the message is not an envelope")
        value, signature = raw[len(start) : at], raw[at + len(end) : -2]
        if not hmac.compare_digest(self._sign(value).encode(), signature):
            raise InvalidMessage("the signature is not right")
        body = json.loads(value)["body"]
        if not isinstance(body, dict):
            raise InvalidMessage("the message has no body")
        return body

    def _sign(self, value: bytes) -> str:
        return hashlib.sha256(value + self.sign_key.encode()).hexdigest()


def _status(body: dict[str, Any]) -> OrderStatus:
    try:
        return OrderStatus(
            order_no=body["orderNo"],
            partner_order_no=body["partnerOrderNo"],
            amount=body["orderAmount"],
            currency=body["currency"],
            wallet=body["wallet"],
            status=body["status"],
            pay_time=body["payTime"],
            buyer=body["buyer"],
        )
    except KeyError as error:
        raise InvalidMessage(f"the message has no {error}") from error
