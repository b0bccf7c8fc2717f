"""Differences between the platforms' bills and what is here: the reconciliation page of the staff's desk."""

from scanforpay_django.admin.base import ReadOnly
from scanforpay_django.admin.difference_buttons import DifferenceButtons
from scanforpay_django.admin.difference_close import DifferenceClosing


class DifferenceAdmin(ReadOnly, DifferenceButtons, DifferenceClosing):
    """The list with its table of days, and a page for each difference. Nothing is edited: acts go through flows."""
