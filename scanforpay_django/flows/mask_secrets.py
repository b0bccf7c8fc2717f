"""Secrets out of a text that the project's own code wrote, such as a traceback, before a log or a row keeps it.

What is known to be secret goes by its value: the project's settings and environment variables whose names say so, and
the credentials of the order's partner and store. What only looks secret goes by its shape: a password in an address, a
token after its name, a private key.
"""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db import Error
from django.views.debug import SafeExceptionReporterFilter
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.models import Order, SignKey, WalletAccount

logger = logging.getLogger(__name__)

MASK = "********"
#: a shorter value is a word that may stand anywhere: masking it would spoil the text and tell what it is
MIN_LENGTH = 6
MAX_LENGTH = 100_000

#: Django's own: API, AUTH, TOKEN, KEY, SECRET, PASS, SIGNATURE, HTTP_COOKIE
_SECRET_NAME = SafeExceptionReporterFilter.hidden_settings
#: our settings whose names do not say it
_OUR_SECRETS = ("SCANFORPAY_ENCRYPTION_KEYS", "SCANFORPAY_LIMITS_REDIS_URL")
#: such names say what kind of thing it is, not what opens a door
_NO_SECRETS = re.compile(
    r"_(?:MODEL|BACKENDS?|CLASSES|HASHERS|VALIDATORS|PREFIX|NAME|HEADER|ALGORITHM)$|_SOCK$"
)
# What may repeat is bounded, or excludes what follows it, so that no text takes more than one pass.
_SHAPES = (
    # with real line ends, or with those that repr() writes
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    # what stands before the last @ of an address's host
    re.compile(r"(?<=://)[^\s/?#'\"<>]*(?=@)"),
    re.compile(r"(?i)(?<=\bbearer )[^\s,;'\"]+|(?<=\bbasic )[A-Za-z0-9+/=_-]{8,}"),
)
_SEPARATOR = r"(?:\\?[\"'])?\s{0,4}(?:=(?!=)|:)\s{0,4}"
_NAMED = (
    # a header's value has blanks: scheme and credentials
    re.compile(rf"(?i)(authorization{_SEPARATOR}(?:\\?[\"'])?)([^\"'\n,}}\\]+)"),
    # name=value, "name": "value", name: value; a line of code that passes a variable loses the variable's name with it
    re.compile(
        r"(?i)((?:api[_-]?key|auth(?!or)[a-z_]{0,20}|token|secret|password|passwd|passphrase|pwd|signature|"
        r"private[_-]?key|sign[_-]?key|access[_-]?key|cookie|session[_-]?id)(?:[_-]?(?:access[_-]?)?key)?"
        rf"{_SEPARATOR}(?:b(?=[\"']))?)"
        r"(\"[^\"\n]*\"?|'[^'\n]*'?|\\[\"'][^\"'\n]*|(?:[^\s,;)}\]\"'&\\]|,(?=[^\s\"'{]))+)"
    ),
)


@sensitive_variables()
def mask_secrets(text: str, order: Order) -> str:
    """``text`` with asterisks for what is secret in the project, in the order's rows, or by its look."""
    text = _find_end(text)
    values = {*_project_secrets(), *_row_secrets(order)}
    # The longest first: one may be part of another.
    for value in sorted(values, key=len, reverse=True):
        for shown in {value, repr(value)[1:-1]}:
            text = text.replace(shown, MASK)
    return mask_by_shape(text)


def mask_by_shape(text: str) -> str:
    """``text`` with asterisks for what is secret by its look."""
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    for shape in _NAMED:
        text = shape.sub(rf"\g<1>{MASK}", text)
    return text


def _find_end(text: str) -> str:
    """The last lines of what is too long: the error itself is there. A line that is cut could begin within a secret."""
    if len(text) <= MAX_LENGTH:
        return text
    _cut, _end, whole_lines = text[-MAX_LENGTH:].partition("\n")
    return f"...\n{whole_lines}"


class _AllSettings(SafeExceptionReporterFilter):
    """Django's own reading of all settings, as they are: from outside, reading a deprecated one warns."""

    def cleanse_setting(self, key: int | str, value: Any) -> Any:
        return value


def _project_secrets() -> Iterator[str]:
    for name, value in _AllSettings().get_safe_settings().items():
        is_secret = _is_secret_name(name) or name in _OUR_SECRETS
        yield from _values(value, is_secret=is_secret)
    for name, value in os.environ.items():
        yield from _values(value, is_secret=_is_secret_name(name))


def _values(value: object, *, is_secret: bool) -> Iterator[str]:
    """The secret strings in a setting; a mapping's keys name what is secret in it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            is_named = is_secret or _is_secret_name(str(name))
            yield from _values(inner, is_secret=is_named and not _NO_SECRETS.search(str(name)))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _values(inner, is_secret=is_secret)
    elif is_secret and isinstance(value, (str, bytes)):
        shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if len(shown) >= MIN_LENGTH:
            yield shown


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _NO_SECRETS.search(name)


def _row_secrets(order: Order) -> Iterator[str]:
    """Of each row that can be read: one whose encryption key is gone does not uncover the others."""
    try:
        keys, accounts = list(order.partner.sign_keys.all()), list(order.store.wallet_accounts.all())
    except Error as error:
        logger.warning("order %s: the rows with its secrets cannot be read: %s", order, error)
        return
    reads: list[Callable[[], Iterable[str]]] = [
        *(partial(_read_key, key) for key in keys),
        *(partial(_read_account, account) for account in accounts),
    ]
    for read in reads:
        try:
            found = list(read())
        except Exception as error:  # noqa: BLE001 - a wrong SCANFORPAY_ENCRYPTION_KEYS raises whatever it likes
            logger.warning(
                "order %s: a secret cannot be read, and is masked by shape alone: %s", order, error
            )
            continue
        yield from (value for value in found if len(value) >= MIN_LENGTH)


def _read_key(key: SignKey) -> list[str]:
    return [key.secret()]


def _read_account(account: WalletAccount) -> list[str]:
    return list(account.secrets().values())
