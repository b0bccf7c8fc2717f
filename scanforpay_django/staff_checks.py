"""System checks of staff's pages: two-factor authentication."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as Caution

from scanforpay_django.conf import CHECK_TAG
from scanforpay_django.models import Order

#: classes of django-otp and django-two-factor-auth that let in who has given a second factor; named, for importing them
#: takes their apps
VERIFYING_SITES = {
    ("django_otp.admin", "OTPAdminSite"),
    ("two_factor.admin", "AdminSiteOTPRequired"),
    ("two_factor.admin", "AdminSiteOTPRequiredMixin"),
}


@register(CHECK_TAG)
def check_second_factor(**_kwargs: Any) -> list[CheckMessage]:
    """W043: django-otp is installed, and a password alone opens staff's pages."""
    if not apps.is_installed("django.contrib.admin") or find_spec("django_otp") is None:
        return []
    # A project without admin does not load it.
    all_sites = import_module("django.contrib.admin.sites").all_sites
    hint = (
        "Add 'django_otp' and a device's app to INSTALLED_APPS, and make the site a django_otp.admin.OTPAdminSite: who "
        "signs in there refunds money."
    )
    return [
        Caution(
            f"The admin site {site.name!r} asks for no second factor, and django-otp is installed.",
            hint=hint,
            id="scanforpay.W043",
        )
        for site in sorted(all_sites, key=lambda site: site.name)
        if site.is_registered(Order) and not _asks_for_second_factor(site)
    ]


def _asks_for_second_factor(site: Any) -> bool:
    return any((one.__module__, one.__name__) in VERIFYING_SITES for one in type(site).__mro__)
