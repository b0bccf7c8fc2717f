"""Modules of projects: text, for the rows that need more than a line."""

CUSTOM_USER = """
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
import uuid

class UserManager(BaseUserManager):
    def create_superuser(self, email, password):
        user = self.model(email=email, is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save()
        return user

class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True, max_length=254)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    USERNAME_FIELD = "email"
    objects = UserManager()
"""
OWN_USER = 'AUTH_USER_MODEL = "shop.User"'

ROUTER = """
OURS = {"scanforpay", "scanforpay_sandbox"}

class Router:
    def db_for_read(self, model, **hints):
        return "payments" if model._meta.app_label in OURS else "default"
    db_for_write = db_for_read
    def allow_relation(self, *rows, **hints):
        return True
    def allow_migrate(self, db, app_label, **hints):
        return (db == "payments") == (app_label in OURS)
"""

# Nothing is ever copied to the replica: a read from there finds empty tables.
REPLICA = """
OURS = {"scanforpay", "scanforpay_sandbox"}

class Router:
    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label in OURS else "default"
    def db_for_write(self, model, **hints):
        return "default"
    def allow_relation(self, *rows, **hints):
        return True
"""

OWN_SITE = """
from django.contrib.admin import AdminSite
from scanforpay_django.admin import register

site = AdminSite(name="desk")
register(site)
"""

PREFIX_PROXY = """
from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

def application(environ, start_response):
    # What a proxy does that leads /shop/ to this project.
    assert environ["PATH_INFO"].startswith("/shop/"), environ["PATH_INFO"]
    environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/shop")
    return django(environ, start_response)
"""
