"""The result codes of the API with their texts. Exceptions, the OpenAPI document and the docs' table follow this enum.

The published API has three more codes, 40 to 42 (open the order in another app). No call answers them: the pay
page itself says which app to open.
"""

from enum import IntEnum
from typing import Self

from django.utils.translation import gettext_noop


class Code(IntEnum):
    """A result code; its text is English, translated where it is shown, and may name parameters."""

    text: str

    def __new__(cls, value: int, text: str) -> Self:
        code = int.__new__(cls, value)
        code._value_ = value
        code.text = text
        return code

    # On the wire the text of success is this word in every language.
    SUCCESS = 1, "success"
    FAILED = 2, gettext_noop("The transaction failed.")
    NOT_AUTHORISED = 3, gettext_noop("The request is not allowed for this caller.")
    FIELD_MISSING = 4, gettext_noop("%(field)s must not be empty.")
    FIELD_INVALID = 5, gettext_noop("%(field)s is not valid: %(rule)s")
    NOT_JSON = 6, gettext_noop("The body is not a JSON object with request and signature: %(rule)s")
    NUMBER_MISSING = 7, gettext_noop("partnerOrderNo and orderNo are both empty.")
    # Also the answer to an unknown partner: a caller that is not verified learns no more.
    SIGNATURE_INVALID = 8, gettext_noop("The signature is not valid.")
    SYSTEM_ERROR = 9, gettext_noop("Unknown system error, please try again later.")
    PLATFORM_SIGNATURE = 20, gettext_noop("The platform's signature did not verify.")
    PLATFORM_TIMEOUT = (
        21,
        gettext_noop("The platform did not answer in time: query the order, do not repeat the call."),
    )
    PLATFORM_FAILED = 22, gettext_noop("The request to the platform failed, please try again.")
    ORDER_NOT_FOUND = 30, gettext_noop("The order does not exist.")
    IDEMPOTENCY_CONFLICT = (
        31,
        gettext_noop("An order with this partnerOrderNo but different content already exists."),
    )
    INVALID_ORDER_STATE = 32, gettext_noop("The order's status does not allow this.")
    # Raised for the pay page only; a call about a closed order answers 32, or `status` 2.
    ORDER_CLOSED = 33, gettext_noop("The order is closed.")
    ALREADY_PAID = 34, gettext_noop("The order is paid and may not be cancelled.")
    REFUND_TOO_LARGE = 35, gettext_noop("The refund exceeds what can be refunded.")
    ACCOUNT_MISSING = 43, gettext_noop("The merchant has no receiving account for %(wallet)s.")
    WALLET_DISABLED = 44, gettext_noop("The merchant has not enabled %(wallet)s.")


#: what a refused call may answer
REFUSALS = tuple(code for code in Code if code is not Code.SUCCESS)
