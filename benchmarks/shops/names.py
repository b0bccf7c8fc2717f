"""Who calls, and with which key."""

PARTNER_NO = "10001"
STORE_NO = "100010000000002"
SIGN_KEY = "benchmark-sign-key"
