"""WeChat's refusals: HTTP status, code, and the number at the end of Request-ID."""

from typing import Any

# Status by code, from the error lists of the API pages and the handbook's fault table; the numbers are those
# integrators report for the same refusals, and the general one where none is reported.
_KNOWN = {
    "PARAM_ERROR": (400, 268435456),
    "INVALID_REQUEST": (400, 268498688),
    "APPID_MCHID_NOT_MATCH": (400, 268445527),
    "ORDER_CLOSED": (400, 268447914),
    "ORDER_PAID": (400, 268449538),
    "USERPAYING": (400, 268435456),
    "NO_STATEMENT_EXIST": (400, 268435456),
    "STATEMENT_CREATING": (400, 268435456),
    "SIGN_ERROR": (401, 268443699),
    "OUT_TRADE_NO_USED": (403, 268498688),
    "NO_AUTH": (403, 268447845),
    "NOT_ENOUGH": (403, 268435456),
    "RULE_LIMIT": (403, 268435456),
    "AUTH_CODE_INVALID": (403, 268435456),
    "ORDER_NOT_EXIST": (404, 268512771),
    "RESOURCE_NOT_EXISTS": (404, 268512771),
    "FREQUENCY_LIMITED": (429, 268447840),
    "SYSTEM_ERROR": (500, 268435456),
}


class ApiError(Exception):
    """A call is refused."""

    def __init__(self, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail
        self.status, self.number = _KNOWN[code]
