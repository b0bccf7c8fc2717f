"""The default AdminSite, and "desk" beside it."""

from django.contrib import admin
from django.urls import path

from tests.admin.sites import desk

urlpatterns = [path("admin/", admin.site.urls), *desk.urlpatterns]
