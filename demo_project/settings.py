"""The demo: a shop, the pay pages, the API, the admin and a sandbox in one process.

Without environment variables it runs on SQLite and needs no broker. DATABASE_URL and REDIS_URL move the same project
to PostgreSQL (or MariaDB), Redis and Celery.
"""

import importlib
import os
from importlib.util import find_spec
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DEBUG", "1") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY", "demo-only-this-key-is-public-and-protects-nothing-0123456789")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*").split(",")
ROOT_URLCONF = "demo_project.urls"
WSGI_APPLICATION = "demo_project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
    "demo_project",
    "demo_project.shop",
]

MIDDLEWARE = [
    "scanforpay_django.sandbox.hosts.SandboxHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "scanforpay_django.sandbox.middleware.SandboxPhoneMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# SQLite: IMMEDIATE takes the write lock at BEGIN, so the busy timeout is honoured (with DEFERRED it is not);
# FULL keeps the last commits through a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}

if os.environ.get("DATABASE_URL", "").startswith("mysql:") and find_spec("MySQLdb") is None:
    # Django asks for mysqlclient, which has to be compiled; this one is Python.
    importlib.import_module("pymysql").install_as_MySQLdb()
if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("DEMO_DATABASE", str(BASE_DIR / "demo.sqlite3")),
            "OPTIONS": SQLITE_OPTIONS,
        }
    }

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"), ("ja", "日本語")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # platforms' bills, which nobody is served
    "bills": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BASE_DIR / "build" / "bills"},
    },
}
SCANFORPAY_BILL_STORAGE = "bills"

REDIS_URL = os.environ.get("REDIS_URL", "")
SCANFORPAY_BASE_URL = os.environ.get("SCANFORPAY_BASE_URL", "http://localhost:8000")
SCANFORPAY_SANDBOX_ALLOWED = True
# The toy shop is notified on this machine; a real project leaves this out, and private addresses are refused.
SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8", "::1/128"]
if REDIS_URL:
    SCANFORPAY_WAKE_UP = "celery"
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "scanforpay_django": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")}
    },
}
