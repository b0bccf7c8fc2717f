"""Alipay's refusals: always HTTP 200, a code for the class and a sub_code for the case."""

ERROR_MESSAGES = {
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
}
# opendocs.alipay.com/common/02km9f, "common error codes", as many clients quote it
SUB_MESSAGES = {
    "aop.invalid-app-auth-token": "无效的应用授权令牌",
    "isv.code-invalid": "授权码code无效",
    "isv.insufficient-isv-permissions": "ISV权限不足",
    "isv.invalid-app-id": "无效的AppID参数",
    "isv.invalid-charset": "字符集错误",
    "isv.invalid-format": "无效的数据格式",
    "isv.invalid-method": "不存在的方法名",
    "isv.invalid-parameter": "参数无效",
    "isv.invalid-signature": "验签出错",
    "isv.invalid-signature-type": "无效的签名类型",
    "isv.invalid-timestamp": "非法的时间戳参数",
    "isv.missing-app-id": "缺少AppID参数",
    "isv.missing-method": "缺少方法名参数",
    "isv.missing-signature": "缺少签名参数",
    "isv.missing-signature-type": "缺少签名类型参数",
    "isv.missing-timestamp": "缺少时间戳参数",
    "isv.missing-version": "缺少版本参数",
}


class ApiError(Exception):
    """A call is refused under the method's own name, and signed. ``detail``: the sandbox's own words."""

    def __init__(self, code: str, sub_code: str, detail: str) -> None:
        words = SUB_MESSAGES.get(sub_code, "")
        sub_msg = f"{words} ({detail})" if words else detail
        super().__init__(f"{sub_code}: {sub_msg}")
        self.payload = {"code": code, "msg": ERROR_MESSAGES[code], "sub_code": sub_code, "sub_msg": sub_msg}


class GatewayError(ApiError):
    """A call is refused as error_response, which is not signed."""


def business(sub_code: str, sub_msg: str) -> ApiError:
    """40004 with an ACQ code."""
    return ApiError("40004", f"ACQ.{sub_code}", sub_msg)
