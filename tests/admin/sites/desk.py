"""An AdminSite that is named "desk"; the default one is mounted nowhere."""

from django.contrib.admin import AdminSite
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.urls import include, path

from scanforpay_django.admin import register

site = AdminSite(name="desk")
site.register(User, UserAdmin)
register(site)
urlpatterns = [path("desk/", site.urls), path("api/", include("scanforpay_django.urls"))]
