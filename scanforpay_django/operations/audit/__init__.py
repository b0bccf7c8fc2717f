"""The invariants, asked of live data; what is safe to mend is mended on demand."""

from scanforpay_django.operations.audit.check import Check
from scanforpay_django.operations.audit.run import CHECKS, Broken, audit

__all__ = ["CHECKS", "Broken", "Check", "audit"]
