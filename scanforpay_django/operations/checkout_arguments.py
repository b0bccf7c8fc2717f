"""The arguments of ``checkout``, checked as the API checks its fields."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from django.utils.translation import gettext_noop

from scanforpay_django import money
from scanforpay_django.conf import MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS, conf
from scanforpay_django.exceptions import FieldInvalid, rule
from scanforpay_django.operations.wire_fields import Url

MAX_METADATA_BYTES = 2048
NO_FLOAT = gettext_noop("must be an int in minor units or a Decimal in major units, not %(kind)s")
EXACT_AMOUNT = gettext_noop("%(amount)s is not an exact amount of %(currency)s")
A_MAPPING = gettext_noop("must be a dict that JSON can hold, at most %(limit)s bytes")
A_NUMBER_OF_SECONDS = gettext_noop("must be a number of seconds")


def validate(field: Any, name: str, value: Any) -> Any:
    """What the API would read. Raises FieldMissing or FieldInvalid, which name the argument."""
    field.bind(name, None)
    return field.run_validation(value)


def minor_units(amount: object, currency: str) -> int:
    """An int as it is, a Decimal in major units in the currency's minor ones. Raises FieldInvalid."""
    if isinstance(amount, Decimal):
        try:
            return money.to_minor(f"{amount.normalize():f}", currency)
        except ValueError:
            wrong = rule(EXACT_AMOUNT, amount=amount, currency=currency)
            raise FieldInvalid(field="amount", rule=wrong) from None
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise FieldInvalid(field="amount", rule=rule(NO_FLOAT, kind=type(amount).__name__))
    return amount


def check_lifetime(seconds: int | None) -> int | None:
    """Seconds within the bounds; None stays. Raises FieldInvalid."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
        raise FieldInvalid(field="lifetime_seconds", rule=rule(A_NUMBER_OF_SECONDS))
    return min(max(seconds, MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)


def check_return_url(url: str) -> str:
    """The absolute address; a path is of this site. Raises FieldInvalid."""
    given = str(url)
    absolute = urljoin(f"{conf.base_url}/", given) if given.startswith("/") and given[1:2] != "/" else given
    checked: str = validate(Url(purpose="return", required=False), "return_url", absolute)
    return checked


def check_metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """What JSON makes of it; {} for none. Raises FieldInvalid."""
    if not metadata:
        return {}
    refused = FieldInvalid(field="metadata", rule=rule(A_MAPPING, limit=MAX_METADATA_BYTES))
    try:
        text = json.dumps(dict(metadata), allow_nan=False)
    except (TypeError, ValueError):
        raise refused from None
    if len(text.encode()) > MAX_METADATA_BYTES or "\\u0000" in text:
        raise refused
    return dict(json.loads(text))
