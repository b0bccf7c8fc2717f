"""What the platform says of a field that is wrong, in its own words.

Quoted from refusals that integrators published: hpyer/node-easywechat issue 69,
TheNorthMemory/wechatpay-axios-plugin issue 38, wechatpay-apiv3/wechatpay-postman-script issue 7, the tests of
JeffreySu/WeiXinMPSDK. Those marked "by analogy" have the same form; none has been published.
"""

from collections.abc import Callable
from typing import Any

from scanforpay_django.sandbox.shape import Fault, Rule, ShapeError, count_bytes

from .errors import ApiError

TYPES = {int: "64 位有符号整数", str: "字符串", bool: "布尔值", dict: "对象", list: "数组"}


def shape_refusal(error: ShapeError, location: str = "body") -> ApiError:
    """PARAM_ERROR for the first thing that is wrong."""
    where = f"/{location}{error.field}"
    if error.fault is Fault.UNKNOWN:
        detail: dict[str, Any] = {"location": None, "value": [where]}
        return ApiError("PARAM_ERROR", "请求中含有未在API文档中定义的参数", detail)
    rule = error.rule or Rule(lambda v: True, "")  # noqa: ARG005
    say = _WORDS.get(error.fault, _of_another_kind)
    message, value = say(f"输入源“{where}”", rule, error.value, error.issue)
    return ApiError("PARAM_ERROR", message, {"location": location, "value": value})


def _missing(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    return f"{source}映射到字段“{rule.label}”必填性规则校验失败，此字段为必填项", ""


def _type(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    # for anything but integers by analogy
    wanted = TYPES.get(rule.type, "值")
    return f"无法将 JSON {source}映射到目标字段“{rule.label}”中，此字段需要一个合法的 {wanted}", value


def _short(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    return _length(source, rule, value, f"小于最小值 {rule.least}")


def _long(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    return _length(source, rule, value, f"大于最大值 {rule.most}")


def _length(source: str, rule: Rule, value: object, limit: str) -> tuple[str, object]:
    unit = "字节数" if rule.size is count_bytes else "字符数"
    size = rule.size(str(value))
    return f"{_text(source, rule)}{unit} {size}，{limit}", size


def _form(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    return f"{_text(source, rule)}字符串必须匹配正则表达式“^{rule.form}$”", value


def _text(source: str, rule: Rule) -> str:
    return f"{source}映射到值字段“{rule.label}”字符串规则校验失败，"


def _small(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:  # noqa: ARG001
    # by analogy
    return f"{source}映射到数值字段“{rule.label}”规则校验失败，值低于最小值 {rule.least}", value


def _of_another_kind(source: str, rule: Rule, value: object, issue: str) -> tuple[str, object]:
    # by analogy; the end is the sandbox's own
    return f"{source}映射到值字段“{rule.label}”规则校验失败，{issue}", value


_WORDS: dict[Fault, Callable[[str, Rule, object, str], tuple[str, object]]] = {
    Fault.MISSING: _missing,
    Fault.NULL: _missing,
    Fault.TYPE: _type,
    Fault.TOO_SHORT: _short,
    Fault.TOO_LONG: _long,
    Fault.FORM: _form,
    Fault.TOO_SMALL: _small,
}
