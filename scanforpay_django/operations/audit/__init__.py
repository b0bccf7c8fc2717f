"""The invariants, asked of live data; what is safe to mend is mended on demand."""

from scanforpay_django.operations.audit.check import Check
from scanforpay_django.operations.audit.run import ALL_CHECKS, Broken, audit

__all__ = ["ALL_CHECKS", "Broken", "Check", "audit"]
