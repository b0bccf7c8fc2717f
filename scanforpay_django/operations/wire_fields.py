"""Fields as the wire means them: nothing is stripped, nothing is coerced."""

import re
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext_noop
from rest_framework import serializers
from rest_framework.fields import empty

from scanforpay_django.conf import MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS
from scanforpay_django.exceptions import FieldInvalid, FieldMissing, rule
from scanforpay_django.transport import UrlRefused, parse_url

NUMBER_PATTERN = re.compile(r"[0-9A-Za-z_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
A_STRING = gettext_noop("must be a string")
PRINTABLE = gettext_noop("must hold printable characters only")
NUMBER_ONLY = gettext_noop("may hold letters, digits, - and _ only")
AN_INTEGER = gettext_noop("must be an integer in the currency's smallest unit")
A_LIFETIME = gettext_noop("must be a number of minutes, hours or days, e.g. 30m, 2h or 1d")
LIFETIME_PATTERN = re.compile(r"([1-9][0-9]{0,9})([mhd])")
UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}
ONE_WORD = gettext_noop("must be %(word)s")
LENGTH = gettext_noop("must have at most %(length)s characters")
RANGE = gettext_noop("must be from %(low)s to %(high)s")
MAX_ORDER_AMOUNT = 10_000_000_000
MAX_INTEGER = 2**53
# Four units in the last place of a double's 53 bits.
DOUBLE_NOISE = Decimal(2) ** -50


class WireField(serializers.Field[Any, Any, Any, Any]):
    """Absent, null and "" all mean "not given". Raises FieldMissing and FieldInvalid."""

    def refuse(self, text: str, **params: object) -> NoReturn:
        """Say which rule the value breaks."""
        raise FieldInvalid(field=str(self.field_name), rule=rule(text, **params))

    def refuse_value(self, value: object, text: str, **params: object) -> NoReturn:
        """The same for a word or number that can be named."""
        raise FieldInvalid(field=str(self.field_name), sent=str(value)[:20], rule=rule(text, **params))

    def run_validation(self, data: Any = empty) -> Any:
        """The value, or the default when it is not given."""
        if data is empty or data is None or data == "":
            if self.required:
                raise FieldMissing(field=str(self.field_name))
            return "" if self.default is empty else self.default
        return self.to_internal_value(data)

    def to_representation(self, value: Any) -> Any:
        return value


class Word(WireField):
    """One word that says what the call is for."""

    def __init__(self, *, allowed: str, **kwargs: Any) -> None:
        self.allowed = allowed
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if data != self.allowed:
            self.refuse(ONE_WORD, word=self.allowed)
        return self.allowed


class TextField(WireField):
    """Printable text of at most ``max_length`` characters."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.refuse(A_STRING)
        if len(data) > self.max_length:
            self.refuse(LENGTH, length=self.max_length)
        if _CONTROL.search(data) or _SURROGATE.search(data):
            self.refuse(PRINTABLE)
        return str(data)


class Number(TextField):
    """A number as text: letters, digits, - and _ only; byte-exact."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not NUMBER_PATTERN.fullmatch(text):
            self.refuse(NUMBER_ONLY)
        return text


class Title(WireField):
    """Text for the customer: longer ones are cut, control characters become spaces, never refused for it."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The cleaned and cut text."""
        if not isinstance(data, str):
            self.refuse(A_STRING)
        return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", data))[: self.max_length]


class Lifetime(WireField):
    """How long an order may be paid: a number and m, h or d. The value is in seconds, within what an order may live."""

    def to_internal_value(self, data: Any) -> int:
        found = LIFETIME_PATTERN.fullmatch(data) if isinstance(data, str) else None
        if found is None:
            self.refuse(A_LIFETIME)
        seconds = int(found[1]) * UNIT_SECONDS[found[2]]
        return min(max(seconds, MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)


class Amount(WireField):
    """A JSON integer of minor units; 2100.0 is one, "2100", 12.5 and true are not.

    PHP shops multiply: ``"19.99" * 100`` goes out as 1998.9999999999998. What is no further from an integer than such a
    product can be is that integer; nothing else is rounded.
    """

    def __init__(self, *, smallest: int = 1, **kwargs: Any) -> None:
        self.smallest = smallest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.refuse(AN_INTEGER)
        number = Decimal(data)
        if abs(number) > MAX_INTEGER:
            self.refuse_value(data, RANGE, low=self.smallest, high=MAX_ORDER_AMOUNT)
        if abs(number - round(number)) > abs(number) * DOUBLE_NOISE:
            self.refuse(AN_INTEGER)
        number = Decimal(round(number))
        if not self.smallest <= number <= MAX_ORDER_AMOUNT:
            self.refuse_value(data, RANGE, low=self.smallest, high=MAX_ORDER_AMOUNT)
        return int(number)


class Url(TextField):
    """An address, checked by the one parser that the sender uses too."""

    def __init__(self, *, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(max_length=200, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The address as given."""
        text = super().to_internal_value(data)
        try:
            parse_url(text, purpose=self.purpose)  # type: ignore[arg-type]
        except UrlRefused as error:
            self.refuse(str(error))
        return text
