"""Alipay's refusals: always HTTP 200, a code for the class and a sub_code for the case."""

MESSAGES = {
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
}


class ApiError(Exception):
    """A call is refused under the method's own name, and signed."""

    def __init__(self, code: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(f"{sub_code}: {sub_msg}")
        self.payload = {"code": code, "msg": MESSAGES[code], "sub_code": sub_code, "sub_msg": sub_msg}


class GatewayError(ApiError):
    """A call is refused as error_response, which is not signed."""


def business(sub_code: str, sub_msg: str) -> ApiError:
    """40004 with an ACQ code."""
    return ApiError("40004", f"ACQ.{sub_code}", sub_msg)
