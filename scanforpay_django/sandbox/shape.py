"""Strict reading of JSON bodies by a table: unknown names, nulls and wrong values are all refused."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class ShapeError(ValueError):
    """A body is not as the platform's documents want it."""

    def __init__(self, field: str, issue: str, value: object = "") -> None:
        super().__init__(f"{field}: {issue}")
        self.field = field
        self.issue = issue
        self.value = value


@dataclass(frozen=True)
class Rule:
    """What one field must be."""

    # whether a value will do; unused where ``shape`` is given
    test: Callable[[Any], bool]
    # what to say of a value that will not
    issue: str
    required: bool = False
    # the fields of an object
    shape: "Shape | None" = None


Shape = Mapping[str, Rule]


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
            raise ShapeError(f"{where}/{name}", "unknown field")
    for name, rule in shape.items():
        if name in body:
            _check_value(body[name], rule, f"{where}/{name}")
        elif rule.required:
            raise ShapeError(f"{where}/{name}", "required field is missing")


def _check_value(value: Any, rule: Rule, where: str) -> None:
    if value is None:
        raise ShapeError(where, "null is not a value: leave the field out")
    if rule.shape is not None:
        if not isinstance(value, dict):
            raise ShapeError(where, rule.issue, value)
        check(value, rule.shape, where)
    elif not rule.test(value):
        raise ShapeError(where, rule.issue, value)


def text(most: int, *, required: bool = False) -> Rule:
    """A string of 1 to ``most`` characters."""
    return Rule(
        lambda v: isinstance(v, str) and 1 <= len(v) <= most, f"must be 1 to {most} characters", required
    )


def text_bytes(most: int, *, required: bool = False) -> Rule:
    """A string of 1 to ``most`` bytes in UTF-8."""
    return Rule(
        lambda v: isinstance(v, str) and 1 <= len(v.encode()) <= most,
        f"must be 1 to {most} UTF-8 bytes",
        required,
    )


def pattern(expression: str, issue: str, *, required: bool = False) -> Rule:
    """A string that matches as a whole."""
    compiled = re.compile(expression, re.ASCII)
    return Rule(lambda v: isinstance(v, str) and compiled.fullmatch(v) is not None, issue, required)


def number(least: int, *, required: bool = False) -> Rule:
    """An integer of at least ``least``; true and 1.0 are none."""
    return Rule(lambda v: type(v) is int and v >= least, f"must be an integer of at least {least}", required)


def flag() -> Rule:
    """A field that is JSON's true or false."""
    return Rule(lambda v: isinstance(v, bool), "must be true or false")


def group(shape: Shape, *, required: bool = False) -> Rule:
    """An object of known fields."""
    return Rule(lambda v: isinstance(v, dict), "must be an object", required, shape)


def objects() -> Rule:
    """A list of objects, whose fields are not looked at."""
    return Rule(
        lambda v: isinstance(v, list) and all(isinstance(i, dict) for i in v), "must be a list of objects"
    )


def address(most: int, *, query: bool, required: bool = False) -> Rule:
    """An http or https URL of at most ``most`` characters; ``query``: whether it may have a query string."""
    return Rule(
        lambda v: isinstance(v, str) and len(v) <= most and is_address(v, query=query),
        "must be an http or https URL" + ("" if query else " without a query string"),
        required,
    )


def is_address(value: str, *, query: bool) -> bool:
    """Whether ``value`` is an absolute http or https URL of visible ASCII, without a fragment."""
    if not re.fullmatch(r"https?://[!-~]+", value) or "#" in value or ("?" in value and not query):
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:
        return False
