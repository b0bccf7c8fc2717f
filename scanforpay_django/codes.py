"""The result codes of the API and their texts (translated where they are shown)."""

from django.utils.translation import gettext_noop

SUCCESS = 1
FAILED = 2
NOT_AUTHORISED = 3
EMPTY = 4
INVALID = 5
NOT_JSON = 6
NUMBER_EMPTY = 7
BAD_SIGNATURE = 8
SYSTEM_ERROR = 9
PLATFORM_SIGNATURE = 20
PLATFORM_TIMEOUT = 21
PLATFORM_FAILED = 22
ORDER_NOT_FOUND = 30
IDEMPOTENCY_CONFLICT = 31
INVALID_ORDER_STATE = 32
ORDER_CLOSED = 33
ALREADY_PAID = 34
REFUND_TOO_LARGE = 35
OPEN_WALLET_APP = 40
OPEN_ALIPAY = 41
OPEN_WECHAT = 42
NO_ACCOUNT = 43
WALLET_DISABLED = 44

TEXTS: dict[int, str] = {
    FAILED: gettext_noop("The transaction failed."),
    NOT_AUTHORISED: gettext_noop("The request is not allowed for this caller."),
    EMPTY: gettext_noop("%(field)s must not be empty."),
    INVALID: gettext_noop("%(field)s is not valid: %(rule)s"),
    NOT_JSON: gettext_noop("The body is not valid JSON of the form {request, signature}: %(rule)s"),
    NUMBER_EMPTY: gettext_noop("partnerOrderNo and orderNo are both empty."),
    BAD_SIGNATURE: gettext_noop("The signature is not valid."),
    SYSTEM_ERROR: gettext_noop("Unknown system error, please try again later."),
    PLATFORM_SIGNATURE: gettext_noop("The platform's signature did not verify."),
    PLATFORM_TIMEOUT: gettext_noop(
        "The platform did not answer in time: query the order, do not repeat the call."
    ),
    PLATFORM_FAILED: gettext_noop("The request to the platform failed, please try again."),
    ORDER_NOT_FOUND: gettext_noop("The order does not exist."),
    IDEMPOTENCY_CONFLICT: gettext_noop("An order with this partnerOrderNo and other content exists."),
    INVALID_ORDER_STATE: gettext_noop("The order's status does not allow this."),
    ORDER_CLOSED: gettext_noop("The order is closed."),
    ALREADY_PAID: gettext_noop("The order is paid and may not be cancelled."),
    REFUND_TOO_LARGE: gettext_noop("The refund exceeds what can be refunded."),
    OPEN_WALLET_APP: gettext_noop("Please open Alipay or WeChat to pay."),
    OPEN_ALIPAY: gettext_noop("Please pay with Alipay."),
    OPEN_WECHAT: gettext_noop("Please pay with WeChat."),
    NO_ACCOUNT: gettext_noop("The merchant has no receiving account for %(wallet)s."),
    WALLET_DISABLED: gettext_noop("The merchant has not enabled %(wallet)s."),
}
