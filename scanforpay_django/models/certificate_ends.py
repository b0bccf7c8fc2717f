"""When the certificates of an account end."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography import x509

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
#: a platform gives out one file of roots for all its accounts, some of which ended long ago and are in use for none
NOT_WATCHED = ("root_certificates",)


def find_end(config: Mapping[str, Any]) -> datetime | None:
    """The first moment at which one of the certificates in an account's configuration has no successor beside it; None
    where there are none. What is no certificate is left to the checks of the form.
    """
    ends = [
        max(found)
        for name, value in config.items()
        if name not in NOT_WATCHED and isinstance(value, str) and (found := _ends(value))
    ]
    return min(ends, default=None)


def _ends(text: str) -> list[datetime]:
    found = []
    for pem in _PEM.findall(text):
        try:
            found.append(x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc)
        except ValueError:
            continue
    return found
