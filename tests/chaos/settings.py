"""The demo's project with shorter leases where a storm asks for them."""

import os

from demo_project.settings import *  # noqa: F403

SCANFORPAY_ENCRYPTION_KEYS = ["Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk="]
SCANFORPAY_NOTIFY_DEADLINE_SECONDS = float(os.environ.get("STORM_DEADLINE", "15"))
SCANFORPAY_NOTIFY_LEASE_SECONDS = 4 * SCANFORPAY_NOTIFY_DEADLINE_SECONDS
SCANFORPAY_NOTIFY_CONCURRENCY = int(os.environ.get("STORM_CONCURRENCY", "8"))
