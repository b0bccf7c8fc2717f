"""One error tree. An error's docstring is its message; ``code`` is the result code the merchant sees."""


class ScanForPayError(Exception):
    """Unknown system error, try again later."""

    code = 9

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class SecretUnreadable(ScanForPayError):
    """A stored secret cannot be decrypted: was a key removed from SCANFORPAY_ENCRYPTION_KEYS?"""


# What a merchant's call may be refused with ------------------------------------------------------


class RequestRefused(ScanForPayError):
    """The call cannot be carried out."""

    code = 3
    params: dict[str, object]

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message)
        self.params = params


class NotAuthorised(RequestRefused):
    """Request illegal, caller not authorised."""


class TooManyCalls(RequestRefused):
    """Too many calls, try again later."""

    status = 429


class FieldMissing(RequestRefused):
    """A required field is missing."""

    code = 4


class FieldInvalid(RequestRefused):
    """A field is not valid."""

    code = 5


class NotJson(RequestRefused):
    """The body is not one JSON object with the envelope."""

    code = 6


class NumberMissing(RequestRefused):
    """Merchant order number and order number are both empty."""

    code = 7


class SignatureInvalid(RequestRefused):
    """The signature is not valid."""

    code = 8


class OrderNotFound(RequestRefused):
    """The order does not exist."""

    code = 30


class IdempotencyConflict(RequestRefused):
    """An order with this number and other content exists."""

    code = 31


class InvalidOrderState(RequestRefused):
    """The order's status does not allow this."""

    code = 32


class OrderClosed(RequestRefused):
    """The order is closed."""

    code = 33


class AlreadyPaid(RequestRefused):
    """The order is paid and may not be cancelled."""

    code = 34


class RefundTooLarge(RequestRefused):
    """The refund exceeds what can be refunded."""

    code = 35


class AccountMissing(RequestRefused):
    """The merchant has no receiving account."""

    code = 43


class WalletDisabled(RequestRefused):
    """The merchant has not enabled this payment type."""

    code = 44


# What a platform may do to us --------------------------------------------------------------------


class PlatformError(ScanForPayError):
    """The platform refused the call."""

    code = 22

    def __init__(self, message: str = "", *, platform_code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.platform_code = platform_code
        self.request_id = request_id


class PlatformUnreachable(PlatformError):
    """The platform could not be reached; nothing was sent."""


class PlatformTimeout(PlatformError):
    """The platform did not answer: the outcome is unknown."""

    code = 21


class PlatformRefused(PlatformError):
    """The platform refused the payment for good."""

    code = 2


class PlatformSaysPaid(PlatformError):
    """The platform says that this payment is already paid."""

    code = 34


class SignInExpired(PlatformError):
    """The platform did not tell who the payer is; the sign-in has to be done again."""


class PlatformSignatureInvalid(PlatformError):
    """A message from the platform did not verify."""

    code = 20


# What the way out may do -------------------------------------------------------------------------


class TransportError(ScanForPayError):
    """The other side could not be talked to."""

    code = 22


class AddressForbidden(TransportError):
    """The address is not public; it is refused."""


class ConnectFailed(TransportError):
    """No connection could be made; nothing was sent."""


class NoAnswer(TransportError):
    """The connection ended without a whole answer: the outcome is unknown."""

    code = 21


class AnswerTooLarge(NoAnswer):
    """The answer is larger than allowed."""
