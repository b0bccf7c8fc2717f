"""The invariants, checked on live data; what is safe to repair is repaired on demand."""

from scanforpay_django.operations.audit.check import Check
from scanforpay_django.operations.audit.extent import Extent, all_rows, new_rows, record_run, rows_since
from scanforpay_django.operations.audit.run import ALL_CHECKS, Broken, audit

__all__ = [
    "ALL_CHECKS", "Broken", "Check", "Extent", "all_rows", "audit", "new_rows", "record_run", "rows_since",
]  # fmt: skip
