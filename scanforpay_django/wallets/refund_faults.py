"""Why a platform refused a refund and what to do, in words that wallets share. Marked for translation."""

from django.utils.translation import gettext_noop

BALANCE_TOO_LOW = gettext_noop(
    "The merchant's balance at the platform is too low: top it up and send the same refund again."
)
TOO_LATE = gettext_noop("The platform no longer refunds this payment: the time for refunds has passed.")
MORE_THAN_LEFT = gettext_noop(
    "The platform says that less is left of this payment: compare the refunds in the platform's console."
)
PAYER_CLOSED = gettext_noop(
    "The customer's account at the platform is closed or frozen: refund the customer in another way."
)
NO_SUCH_TRADE = gettext_noop(
    "The platform does not know this payment: check which merchant account collected it."
)
FROZEN = gettext_noop(
    "The platform has frozen this payment or the merchant's account: ask the platform's support."
)
NOT_ALLOWED = gettext_noop(
    "The platform does not allow refunds for this merchant account: ask for the permission there."
)
CLOSED_THERE = gettext_noop("The platform closed the refund, and no money moved: send the same refund again.")
#: for whatever no table names
UNNAMED = gettext_noop("The platform refused the refund, and no money moved (%(code)s).")
