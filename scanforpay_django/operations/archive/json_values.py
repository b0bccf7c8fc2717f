"""Columns as JSON and back, without loss.

Django's JSON serializer cuts moments to milliseconds, so the fields' own ``value_to_string`` and ``to_python`` are
used, which its XML serializer uses too.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models

from scanforpay_django.operations.archive.order_rows import Model, stored_fields

#: JSON has these, and gives them back as they are
JSON_TYPES = (bool, int, float, str)


def encode_row(row: models.Model) -> list[Any]:
    """The stored columns of a row, in the sequence of ``field_names``."""
    return [_encode(field, row) for field in stored_fields(type(row))]


def _encode(field: "models.Field[Any, Any]", row: models.Model) -> Any:
    value = field.value_from_object(row)
    if value is None or type(value) in JSON_TYPES or isinstance(field, models.JSONField):
        return value
    return field.value_to_string(row)


def field_names(model: Model) -> list[str]:
    """The names of a model's stored columns."""
    return [field.attname for field in stored_fields(model)]


def decode_row(model: Model, names: Sequence[str], values: Sequence[Any]) -> Any:
    """The row, not saved. A column that the file does not have gets its default."""
    fields = {field.attname: field for field in stored_fields(model)}
    pairs = zip(names, values, strict=True)
    return model(**{name: decode_value(fields[name], value) for name, value in pairs})


def decode_value(field: "models.Field[Any, Any]", value: Any) -> Any:
    """A column's value as it was before ``encode_row``."""
    if value is None or isinstance(field, models.JSONField):
        return value
    target: Any = field.target_field if isinstance(field, models.ForeignKey) else field
    return target.to_python(value)
