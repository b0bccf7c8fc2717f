"""What is wrong with a merchant's signature, in words. No right signature leaves this package."""

from scanforpay_django.operations.signature.diagnosis import Diagnosis, diagnose, explain
from scanforpay_django.operations.signature.findings import Finding

__all__ = ["Diagnosis", "Finding", "diagnose", "explain"]
