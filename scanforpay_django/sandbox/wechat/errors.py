"""WeChat's refusals: HTTP status, code, and the number at the end of Request-ID."""

from typing import Any

# Status by code, from the error lists of the JSAPI pages and the handbook's fault table; the numbers are
# those integrators report for the same refusals.
_KNOWN = {
    "PARAM_ERROR": (400, 268435456),
    "INVALID_REQUEST": (400, 268498688),
    "APPID_MCHID_NOT_MATCH": (400, 268445527),
    "ORDER_CLOSED": (400, 268447914),
    "ORDER_PAID": (400, 268449538),
    "SIGN_ERROR": (401, 268443699),
    "OUT_TRADE_NO_USED": (403, 268498688),
    "ORDER_NOT_EXIST": (404, 268512771),
}


class ApiError(Exception):
    """A call is refused."""

    def __init__(self, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.status, self.number = _KNOWN[code]
