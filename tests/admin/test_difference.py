"""The differences' admin as a whole: nothing is added, changed or deleted."""

import pytest
from django.contrib import admin
from django.urls import reverse

from scanforpay_django.admin import ADMINS
from scanforpay_django.models import BillDay, Difference

pytestmark = pytest.mark.django_db


def test_differences_are_only_looked_at(staff, rf, admin_user) -> None:
    request = rf.get("/")
    request.user = admin_user
    page = ADMINS[Difference](Difference, admin.site)
    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert staff.get(reverse("admin:scanforpay_difference_add")).status_code == 403
    assert BillDay not in ADMINS
