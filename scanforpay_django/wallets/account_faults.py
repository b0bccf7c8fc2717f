"""What may be wrong with an account, in words that wallets share. Marked for translation."""

from django.utils.translation import gettext_noop

OUR_SIGNATURE = gettext_noop(
    "The platform refuses our signature: do private key and serial number (or app id) belong together, and is this "
    "server's clock right?"
)
NO_SUCH_APP = gettext_noop(
    "This app id or merchant number does not exist at the platform, or they are not bound to each other."
)
NO_PERMISSION = gettext_noop("The platform has not granted this account the product.")
