"""One error tree. An error's docstring is its message; ``code`` is the result code the merchant sees."""

from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop

from scanforpay_django.codes import Code


def rule(text: str, **params: object) -> str:
    """A sentence for people that is translated when it is shown: ``rule(gettext_noop("at most %(n)s"), n=5)``."""

    def write() -> str:
        return gettext(text) % params if params else gettext(text)

    return lazy(write, str)()


class ScanForPayError(Exception):
    """Unknown system error, try again later."""

    code = Code.SYSTEM_ERROR
    #: for people, translated where it is shown; "": the text of the code
    text = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class SecretUnreadable(ScanForPayError):
    """A stored secret cannot be decrypted: was a key removed from SCANFORPAY_ENCRYPTION_KEYS?"""


# What a merchant's call may be refused with ------------------------------------------------------


class AppendOnly(ScanForPayError):
    """The row is neither changed nor deleted: a posting is reversed, a link of the chain stays."""


class RequestRefused(ScanForPayError):
    """The call cannot be carried out."""

    code = Code.NOT_AUTHORISED
    params: dict[str, object]

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message)
        self.params = params


class NotAuthorised(RequestRefused):
    """Request illegal, caller not authorised."""


class BeforeRestore(NotAuthorised):
    """The request is from before this service was restored."""

    text = gettext_noop(
        "This request is from before the service was restored. Send it again with a new reqTime."
    )


class UnknownCall(RequestRefused):
    """There is no such call."""

    text = gettext_noop("There is no such call: check the address.")
    status = 404


class TooManyCalls(RequestRefused):
    """Too many calls, try again later."""

    text = gettext_noop("Too many calls. Please try again later.")
    status = 429


class FieldMissing(RequestRefused):
    """A required field is missing."""

    code = Code.FIELD_MISSING


class FieldInvalid(RequestRefused):
    """A field is not valid."""

    code = Code.FIELD_INVALID
    #: the text of one whose value is a word or number, which is named
    text_with_value = gettext_noop("%(field)s %(sent)s is not valid: %(rule)s")

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message, **params)
        if "sent" in params:
            self.text = self.text_with_value


class NotJson(RequestRefused):
    """The body is not one JSON object with the envelope."""

    code = Code.NOT_JSON


class NumberMissing(RequestRefused):
    """Merchant order number and order number are both empty."""

    code = Code.NUMBER_MISSING


class SignatureInvalid(RequestRefused):
    """The signature is not valid."""

    code = Code.SIGNATURE_INVALID


class OrderNotFound(RequestRefused):
    """The order does not exist."""

    code = Code.ORDER_NOT_FOUND


class IdempotencyConflict(RequestRefused):
    """An order with this number and other content exists."""

    code = Code.IDEMPOTENCY_CONFLICT


class InvalidOrderState(RequestRefused):
    """The order's status does not allow this."""

    code = Code.INVALID_ORDER_STATE


class OrderClosed(RequestRefused):
    """The order is closed."""

    code = Code.ORDER_CLOSED


class AlreadyPaid(RequestRefused):
    """The order is paid and may not be cancelled."""

    code = Code.ALREADY_PAID


class RefundTooLarge(RequestRefused):
    """The refund exceeds what can be refunded."""

    code = Code.REFUND_TOO_LARGE


class AccountMissing(RequestRefused):
    """The merchant has no receiving account."""

    code = Code.ACCOUNT_MISSING


class PaymentsStopped(AccountMissing):
    """New payments are stopped for the partner, the store or the account."""

    code = Code.WALLET_DISABLED
    text = gettext_noop("The merchant takes no new payments with %(wallet)s at the moment.")


class WalletDisabled(RequestRefused):
    """The merchant has not enabled this payment type."""

    code = Code.WALLET_DISABLED


# What a platform may do to us --------------------------------------------------------------------


class PlatformError(ScanForPayError):
    """The platform refused the call."""

    code = Code.PLATFORM_FAILED

    def __init__(self, message: str = "", *, platform_code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.platform_code = platform_code
        self.request_id = request_id


class PlatformUnreachable(PlatformError):
    """The platform could not be reached; nothing was sent."""


class PlatformTimeout(PlatformError):
    """The platform did not answer: the outcome is unknown."""

    code = Code.PLATFORM_TIMEOUT


class PlatformRefused(PlatformError):
    """The platform refused the payment for good."""

    code = Code.FAILED


class PlatformSaysPaid(PlatformError):
    """The platform says that this payment is already paid."""

    code = Code.ALREADY_PAID


class SignInExpired(PlatformError):
    """The platform did not tell who the payer is; the sign-in has to be done again."""


class PlatformSignatureInvalid(PlatformError):
    """A message from the platform did not verify."""

    code = Code.PLATFORM_SIGNATURE


class PlatformValueInvalid(PlatformError):
    """A verified message of the platform holds a value that cannot be right."""

    code = Code.PLATFORM_SIGNATURE


class BillNotReady(PlatformError):
    """The platform has not made the bill yet: ask again in half an hour."""


class BillRefused(ScanForPayError):
    """A bill's file cannot be opened. ``text`` says why, for people."""

    TORN = gettext_noop("The file is damaged or was cut off: download it again.")
    TOO_LARGE = gettext_noop("The file is too large when it is unpacked.")
    SPREADSHEET = gettext_noop(
        "This is a spreadsheet or a document. Upload the CSV or ZIP file as the platform provides it."
    )
    UTF_16 = gettext_noop(
        "This file was saved by a spreadsheet. Upload the file as the platform provides it."
    )
    ENCRYPTED = gettext_noop("The archive is protected by a password. Unpack it, and upload the CSV file.")
    UNSAFE = gettext_noop("The archive holds file names that lead out of it. Do not unpack it.")
    NESTED = gettext_noop("The archive holds another archive. Unpack it, and upload the files one by one.")
    NO_FILES = gettext_noop("The archive holds no files, or too many.")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


# What the way out may do -------------------------------------------------------------------------


class TransportError(ScanForPayError):
    """The other side could not be talked to."""

    code = Code.PLATFORM_FAILED


class AddressForbidden(TransportError):
    """The address is not public; it is refused."""


class ConnectFailed(TransportError):
    """No connection could be made; nothing was sent."""


class NoAnswer(TransportError):
    """The connection ended without a whole answer: the outcome is unknown."""

    code = Code.PLATFORM_TIMEOUT


class AnswerTooLarge(NoAnswer):
    """The answer is larger than allowed."""
