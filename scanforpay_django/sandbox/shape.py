"""Strict reading of JSON bodies by a table: unknown names, nulls and wrong values are all refused.

A table is data: a field's name, what the platform calls it in its refusals, whether it is required, its type and its
length. What is wrong with a body is a ShapeError, which each platform puts into its own words.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit


class Fault(Enum):
    """What is wrong with a field."""

    UNKNOWN = "unknown field"
    MISSING = "required field is missing"
    NULL = "null is not a value: leave the field out"
    TYPE = "of another type"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    FORM = "does not match"
    TOO_SMALL = "too small"
    OTHER = "wrong"


class ShapeError(ValueError):
    """A body is not as the platform's documents want it."""

    def __init__(
        self,
        field: str,
        issue: str,
        value: object = "",
        *,
        fault: Fault = Fault.OTHER,
        rule: "Rule | None" = None,
    ) -> None:
        super().__init__(f"{field}: {issue}")
        self.field = field
        self.issue = issue
        self.value = value
        self.fault = fault
        # what the field must be; None for one that there is not
        self.rule = rule


@dataclass(frozen=True)
class Rule:
    """What one field must be."""

    # whether a value will do; unused where ``shape`` or ``items`` is given
    test: Callable[[Any], bool]
    # what to say of a value that will not
    issue: str
    required: bool = False
    # the fields of an object
    shape: "Shape | None" = None
    # the fields of each object in a list
    items: "Shape | None" = None
    # what the platform calls the field
    label: str = ""
    # of Python: str, int, bool, dict, list
    type: type = object
    # of a text, in the unit that ``size`` measures; of a number, the smallest
    least: int = 0
    most: int = 0
    size: Callable[[str], int] = len
    # of a text, as the platform states it
    form: str = ""


Shape = Mapping[str, Rule]


def count_bytes(value: str) -> int:
    """The length in UTF-8."""
    return len(value.encode("utf-8", "surrogatepass"))


def parse_object(text: bytes | str) -> dict[str, Any]:
    """The JSON object in ``text``. Raises ShapeError."""
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise ShapeError("", "not JSON") from error
    if not isinstance(value, dict):
        raise ShapeError("", "not a JSON object")
    return value


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def check(body: Mapping[str, Any], shape: Shape, where: str = "") -> None:
    """Hold ``body`` against ``shape``. Raises ShapeError for the first thing that is wrong."""
    for name in body:
        if name not in shape:
            raise ShapeError(f"{where}/{name}", Fault.UNKNOWN.value, fault=Fault.UNKNOWN)
    for name, rule in shape.items():
        if name in body:
            _check_value(body[name], rule, f"{where}/{name}")
        elif rule.required:
            raise ShapeError(f"{where}/{name}", Fault.MISSING.value, fault=Fault.MISSING, rule=rule)


def _check_value(value: Any, rule: Rule, where: str) -> None:
    if value is None:
        raise ShapeError(where, Fault.NULL.value, fault=Fault.NULL, rule=rule)
    if not _is_of_type(value, rule.type):
        raise ShapeError(where, rule.issue, value, fault=Fault.TYPE, rule=rule)
    if rule.shape is not None:
        check(value, rule.shape, where)
    elif rule.items is not None:
        _check_list(value, rule.items, where)
    elif not rule.test(value):
        raise ShapeError(where, rule.issue, value, fault=_get_fault(value, rule), rule=rule)


def _check_list(values: list[Any], items: Shape, where: str) -> None:
    for number_, one in enumerate(values):
        if not isinstance(one, dict):
            raise ShapeError(f"{where}/{number_}", "must be an object", one, fault=Fault.TYPE)
        check(one, items, f"{where}/{number_}")


def _is_of_type(value: Any, wanted: type) -> bool:
    # true is no number
    return type(value) is int if wanted is int else isinstance(value, wanted)


def _get_fault(value: Any, rule: Rule) -> Fault:
    """Which of a rule's limits ``value`` breaks."""
    if rule.type is int:
        return Fault.TOO_SMALL
    if rule.type is str and rule.size(value) < rule.least:
        return Fault.TOO_SHORT
    if rule.type is str and rule.most and rule.size(value) > rule.most:
        return Fault.TOO_LONG
    return Fault.FORM if rule.form else Fault.OTHER


def text(most: int, *, required: bool = False, label: str = "") -> Rule:
    """A string of 1 to ``most`` characters."""
    return Rule(
        lambda v: 1 <= len(v) <= most, f"must be 1 to {most} characters", required,
        label=label, type=str, least=1, most=most,
    )  # fmt: skip


def text_bytes(most: int, *, required: bool = False, label: str = "") -> Rule:
    """A string of 1 to ``most`` bytes in UTF-8."""
    return Rule(
        lambda v: 1 <= count_bytes(v) <= most, f"must be 1 to {most} UTF-8 bytes", required,
        label=label, type=str, least=1, most=most, size=count_bytes,
    )  # fmt: skip


def word(least: int, most: int, form: str, issue: str, *, required: bool = False, label: str = "") -> Rule:
    """A string of ``least`` to ``most`` characters that all are of ``form``."""
    compiled = re.compile(form, re.ASCII)
    return Rule(
        lambda v: least <= count_bytes(v) <= most and compiled.fullmatch(v) is not None, issue, required,
        label=label, type=str, least=least, most=most, size=count_bytes, form=form,
    )  # fmt: skip


def pattern(expression: str, issue: str, *, required: bool = False, label: str = "") -> Rule:
    """A string that matches as a whole."""
    compiled = re.compile(expression, re.ASCII)
    return Rule(
        lambda v: compiled.fullmatch(v) is not None, issue, required, label=label, type=str, form=expression
    )


def number(least: int, *, required: bool = False, label: str = "") -> Rule:
    """An integer of at least ``least``; true and 1.0 are none."""
    issue = f"must be an integer of at least {least}"
    return Rule(lambda v: bool(v >= least), issue, required, label=label, type=int, least=least)


def flag(*, label: str = "") -> Rule:
    """A field that is JSON's true or false."""
    return Rule(lambda v: True, "must be true or false", label=label, type=bool)  # noqa: ARG005


def group(shape: Shape, *, required: bool = False, label: str = "") -> Rule:
    """An object of known fields."""
    return Rule(lambda v: True, "must be an object", required, shape, label=label, type=dict)  # noqa: ARG005


def objects(items: Shape | None = None, *, required: bool = False, label: str = "") -> Rule:
    """A list of objects, each with the fields of ``items``; without these their fields are not looked at."""
    return Rule(
        lambda v: all(isinstance(one, dict) for one in v), "must be a list of objects", required,
        items=items, label=label, type=list,
    )  # fmt: skip


def words(*allowed: str, label: str = "") -> Rule:
    """A list of some of ``allowed``."""
    return Rule(
        lambda v: all(one in allowed for one in v), f"must be a list of {', '.join(allowed)}",
        label=label, type=list,
    )  # fmt: skip


def anything(*, label: str = "") -> Rule:
    """A field of which the documents tell more than matters here."""
    return Rule(lambda v: True, "", label=label)  # noqa: ARG005


def address(most: int, *, query: bool, required: bool = False, label: str = "", form: str = "") -> Rule:
    """An http or https URL of at most ``most`` characters; ``query``: whether it may have a query string."""
    return Rule(
        lambda v: len(v) <= most and is_address(v, query=query),
        "must be an http or https URL" + ("" if query else " without a query string"),
        required, label=label, type=str, least=1, most=most, form=form,
    )  # fmt: skip


def is_address(value: str, *, query: bool) -> bool:
    """Whether ``value`` is an absolute http or https URL of visible ASCII, without a fragment."""
    if not re.fullmatch(r"https?://[!-~]+", value) or "#" in value or ("?" in value and not query):
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:
        return False
