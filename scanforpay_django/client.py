"""A merchant's side of the API in one importable file: sign, call, verify answers and notifications.

    client = Client("https://pay.example.com/api/", "10001", "the sign key")
    answer = client.create_order(store_no="100010000000002", partner_order_no="p1", wallet=wallet, amount=2100,
                                 notify_url="https://shop.example.com/notify", return_url="https://shop.example.com/done")
    send_the_customer_to(answer.pay_url)

It stands alone: it needs ``requests`` and nothing of this project, so that it can be copied. Amounts are integers in
the currency's smallest unit: 2100 is ¥21.00, and ¥2,100 in JPY.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, TypeVar

import requests


class SignatureInvalid(ValueError):
    """An answer or notification whose signature is not right: ignore what it says."""


class ApiError(Exception):
    """The API refused the call: ``code`` and ``msg`` as it said."""

    def __init__(self, code: int, msg: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(f"{code}: {msg}")
        self.code = code
        self.msg = msg
        # what the API asks to wait when there were too many calls
        self.retry_after_seconds = retry_after_seconds


class Failed(ApiError):
    """2: the platform refused the payment or refund for good; no money moved."""


class NotAllowed(ApiError):
    """3, 8: key, partner, address, clock or store are not right."""


class RequestInvalid(ApiError):
    """4 to 7: ``msg`` names the field and the rule."""


class OutcomeUnknown(ApiError):
    """20, 21: money may have moved. Ask with query_order or query_refund, do not repeat the call."""


class TryAgain(ApiError):
    """9, 22, or too many calls: the same call again is safe."""


class NotFound(ApiError):
    """30: no such order or refund."""


class IdempotencyConflict(ApiError):
    """31: the number is taken by an order or refund with other content."""


class InvalidOrderState(ApiError):
    """32, 33, 34: the order's status does not allow this."""


class RefundTooLarge(ApiError):
    """35: more than is left to refund."""


class WalletUnavailable(ApiError):
    """43, 44: the store has no account for this wallet, or the account was not granted the product."""


ERRORS: dict[int, type[ApiError]] = {
    2: Failed, 3: NotAllowed, 4: RequestInvalid, 5: RequestInvalid, 6: RequestInvalid, 7: RequestInvalid,
    8: NotAllowed, 9: TryAgain, 20: OutcomeUnknown, 21: OutcomeUnknown, 22: TryAgain, 30: NotFound,
    31: IdempotencyConflict, 32: InvalidOrderState, 33: InvalidOrderState, 34: InvalidOrderState, 35: RefundTooLarge,
    43: WalletUnavailable, 44: WalletUnavailable,
}  # fmt: skip


@dataclass(frozen=True)
class Created:
    """What create_order answers: where to send the customer."""

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
    # 0 to be paid, 1 paid, 2 failed, closed or expired, 3 refunded in full
    status: int
    # RFC 3339, "" while unpaid
    pay_time: str
    buyer: str

    @property
    def is_paid(self) -> bool:
        """Whether the money is there. Compare amount and currency with your own order too."""
        return self.status == 1


@dataclass(frozen=True)
class RefundStatus:
    """A refund. While it is in progress do not refund again under another number: ask query_refund."""

    refund_no: str
    partner_order_no: str
    # minor units
    amount: int
    # ISO 4217
    currency: str
    # 0 in progress, 1 refunded
    status: int

    @property
    def is_refunded(self) -> bool:
        """Whether the money was refunded."""
        return self.status == 1


Status = TypeVar("Status", OrderStatus, RefundStatus)


@dataclass
class Client:
    """Calls of one partner. ``base_url`` is where the API is mounted, ending in ``/api/``.

    Every method raises ApiError (its subclasses say what to do), SignatureInvalid, and requests' own errors: after one
    of these the same call again is safe, except charge_barcode, after which query_order says what came of it.
    """

    base_url: str
    partner_no: str
    sign_key: str = field(repr=False)
    # further keys that notifications may be signed with, while the key is being replaced
    other_keys: Sequence[str] = field(default=(), repr=False)
    # "SHA256", or "HMAC-SHA256" where the partner may use it
    sign_type: str = "SHA256"
    # connect and read time limits; a refund is answered within 30 s
    timeout_seconds: tuple[float, float] = (3.05, 35)

    def __post_init__(self) -> None:
        if not self.sign_key or not all(self.other_keys):
            raise ValueError("an empty sign key signs nothing")
        if self.sign_type not in ("SHA256", "HMAC-SHA256"):
            raise ValueError("sign_type is SHA256 or HMAC-SHA256")
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
        path: str = "jspay/create",
    ) -> Created:
        """An order and the address of its pay page; the same call again answers the same.

        ``path`` is "jspay/create", "online/create" (``currency`` required) or "offline/qrcode".
        """
        found = self.call(
            path,
            {
                "storeNo": store_no,
                "partnerOrderNo": partner_order_no,
                "wallet": wallet,
                "orderAmount": amount,
                "orderTitle": title,
                "notifyUrl": notify_url,
                "returnUrl": return_url,
                "currency": currency,
            },
        )
        return Created(pay_url=str(found["payUrl"]), order_no=str(found["orderNo"]))

    def charge_barcode(
        self,
        *,
        store_no: str,
        partner_order_no: str,
        barcode: str,
        amount: int,
        title: str = "",
        notify_url: str = "",
    ) -> OrderStatus:
        """Charge the code that the customer shows; status 0 while the customer is at the password. Raises Failed."""
        body = {
            "storeNo": store_no,
            "partnerOrderNo": partner_order_no,
            "barcode": barcode,
            "orderAmount": amount,
            "orderTitle": title,
            "notifyUrl": notify_url,
        }
        return _read_status(OrderStatus, self.call("offline/pay", body))

    def query_order(
        self, *, partner_order_no: str = "", order_no: str = "", store_no: str = ""
    ) -> OrderStatus:
        """How an order stands."""
        body = {"partnerOrderNo": partner_order_no, "orderNo": order_no, "storeNo": store_no}
        return _read_status(OrderStatus, self.call("common/payQuery", body))

    def close_order(self, *, partner_order_no: str = "", order_no: str = "") -> OrderStatus:
        """Close an order, so that it cannot be paid any more. Raises AlreadyPaid (34) when it is paid."""
        body = {"partnerOrderNo": partner_order_no, "orderNo": order_no, "action": "close"}
        return _read_status(OrderStatus, self.call("common/close", body))

    def refund(self, *, partner_order_no: str, refund_no: str, amount: int) -> RefundStatus:
        """Give ``amount`` back, once per ``refund_no``. Raises Failed when the platform refused it for good."""
        body = {"partnerOrderNo": partner_order_no, "refundNo": refund_no, "orderAmount": amount}
        return _read_status(RefundStatus, self.call("common/refund", body))

    def query_refund(self, refund_no: str) -> RefundStatus:
        """How a refund stands. Raises Failed when the platform refused it for good."""
        return _read_status(RefundStatus, self.call("common/refundQuery", {"refundNo": refund_no}))

    def read_notification(self, raw: bytes) -> OrderStatus | RefundStatus:
        """What a notification says, verified. Answer it with the text ``success``."""
        body = self._proven(raw, (self.sign_key, *self.other_keys))
        if "refundNo" in body:
            return _read_status(RefundStatus, body)
        return _read_status(OrderStatus, body)

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Any call: the answer's body, verified. Fields that are "" are left out."""
        header = {
            "version": "1.0",
            "partnerNo": self.partner_no,
            "reqMsgId": str(uuid.uuid4()),
            "reqTime": datetime.now(timezone.utc).isoformat(timespec="seconds"),  # noqa: UP017
            "signType": self.sign_type,
        }
        given = {name: value for name, value in body.items() if value != ""}
        value = json.dumps({"header": header, "body": given}, separators=(",", ":"))
        message = f'{{"request":{value},"signature":"{self._sign(value.encode(), self.sign_key)}"}}'
        answer = self._session.post(
            self.base_url.rstrip("/") + "/" + path,
            data=message.encode(),
            headers={"Content-Type": "application/json"},
            timeout=self.timeout_seconds,
            allow_redirects=False,
        )
        return self._checked(answer)

    def _checked(self, answer: requests.Response) -> dict[str, Any]:
        try:
            found = json.loads(answer.content)
            code, msg = int(found["response"]["body"]["code"]), str(found["response"]["body"].get("msg", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignatureInvalid(f"HTTP {answer.status_code}: the answer is not an envelope") from error
        # A caller that is not verified gets an unsigned refusal. Only a signed answer may say whether money moved.
        if found.get("signature") or code in (1, 2):
            self._proven(answer.content, (self.sign_key,))
        if code == 1:
            return dict(found["response"]["body"])
        wait = answer.headers.get("Retry-After", "")
        kind = TryAgain if answer.status_code in (429, 503) else ERRORS.get(code, ApiError)
        raise kind(code, msg, int(wait) if wait.isdigit() else None)

    def _proven(self, raw: bytes, keys: Sequence[str]) -> dict[str, Any]:
        """The body of {"response": ..., "signature": ...} after its signature was checked on the raw bytes."""
        start, end = b'{"response":', b',"signature":"'
        at = raw.rfind(end)
        if not raw.startswith(start) or at < 0 or not raw.endswith(b'"}'):
            raise SignatureInvalid("the message is not an envelope")
        value, signature = raw[len(start) : at], raw[at + len(end) : -2]
        try:
            message = json.loads(value)
            sign_type, body = message["header"].get("signType", "SHA256"), message["body"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignatureInvalid("the message is not an envelope") from error
        rights = [self._sign(value, key, sign_type).encode() for key in keys]
        if not any(hmac.compare_digest(right, signature) for right in rights):
            raise SignatureInvalid("the signature is not right")
        if not isinstance(body, dict):
            raise SignatureInvalid("the message has no body")
        return body

    def _sign(self, value: bytes, key: str, sign_type: str = "") -> str:
        if (sign_type or self.sign_type) == "HMAC-SHA256":
            return hmac.new(key.encode(), value, hashlib.sha256).hexdigest()
        return hashlib.sha256(value + key.encode()).hexdigest()


WIRE_NAMES = {
    "order_no": "orderNo", "partner_order_no": "partnerOrderNo", "amount": "orderAmount", "pay_time": "payTime",
    "refund_no": "refundNo",
}  # fmt: skip


def _read_status(kind: type[Status], body: dict[str, Any]) -> Status:
    try:
        return kind(**{one.name: body[WIRE_NAMES.get(one.name, one.name)] for one in fields(kind)})
    except KeyError as error:
        raise SignatureInvalid(f"the message has no {error}") from error
