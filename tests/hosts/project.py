"""A project's files."""

from pathlib import Path

from tests.hosts.host import Host

NAME = "shop"
PASSWORD = "a-password-of-staff"
SETTINGS = """
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "a-key-of-a-test-project-0123456789-0123456789-abcdefghij"
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "scanforpay_django",
    "scanforpay_django.sandbox",
    "shop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "shop.urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# quick
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SCANFORPAY_ENCRYPTION_KEYS = ["Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk="]
# The merchant is a process of this machine, and so are the platforms: no TLS, no public name.
SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8"]
SILENCED_SYSTEM_CHECKS = ["scanforpay.W002", "scanforpay.W016"]
"""
URLS = """
from django.urls import include, path

urlpatterns = [
    path("api/", include("scanforpay_django.urls")),
    path("sandbox/", include("scanforpay_django.sandbox.urls")),
]
"""
ADMIN = """
from django.contrib import admin
urlpatterns += [path("admin/", admin.site.urls)]
"""
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line(sys.argv)
"""
APPLICATION = """
from django.core.{kind} import get_{kind}_application
application = get_{kind}_application()
"""
HANDLER = """
from scanforpay_django import checkout

@checkout.on_paid
def ship(order):
    print("ship", order.partner_order_no)
"""
# What `migrate`, `check` and `scanforpay_setup` are to a person, in one process.
PREPARE = """
import sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import override_settings

name, *commands = sys.argv[1:]
if settings.AUTH_USER_MODEL.startswith("shop."):
    call_command("makemigrations", "shop", verbosity=0)
call_command("makemigrations", check=True, dry_run=True)
for alias in settings.DATABASES:
    call_command("migrate", database=alias, verbosity=0)
call_command("check", databases=list(settings.DATABASES), fail_level="WARNING")
for command in commands:
    call_command(command, interactive=False, verbosity=0)
User = get_user_model()
extra = {"email": "boss@example.com"} if User.USERNAME_FIELD == "username" else {}
User.objects.create_superuser(**{User.USERNAME_FIELD: name}, password=PASSWORD, **extra)
# Accounts at the sandbox are made with DEBUG only.
with override_settings(DEBUG=True):
    call_command("scanforpay_setup")
"""


def write_project(host: Host, folder: Path, database: str, port: int) -> None:
    """manage.py, prepare.py and the package ``shop``."""
    package = folder / NAME
    (package / "migrations").mkdir(parents=True)
    address = f'SCANFORPAY_BASE_URL = "http://127.0.0.1:{port}"\n'
    is_mounted = host.admin == f"{host.prefix}/admin/"
    files = {
        "__init__.py": "",
        "migrations/__init__.py": "",
        "settings.py": "\n".join([SETTINGS, address, database, host.settings]),
        "urls.py": "\n".join([URLS, ADMIN if is_mounted else "", host.urls]),
        "models.py": host.models,
        "scanforpay.py": HANDLER,
        "wsgi.py": APPLICATION.format(kind="wsgi"),
        "asgi.py": APPLICATION.format(kind="asgi"),
        **host.files,
    }
    for name, text in files.items():
        (package / name).write_text(text)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "prepare.py").write_text(f"PASSWORD = {PASSWORD!r}\n{PREPARE}")
