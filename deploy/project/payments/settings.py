"""A payment service and nothing beside it: the API, the pay pages and the staff's admin. The environment says the rest;
deploy/env.example lists the variables, docs/deploy.md says what each is for.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def read_list(name: str, default: str = "") -> list[str]:
    """A variable's words, which commas separate."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


BASE_DIR = Path(__file__).resolve().parent.parent


def read_required(name: str) -> str:
    """A variable without which nothing works. Raises ImproperlyConfigured."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: deploy/env.example says what it is.")
    return value


#: where files that outlive a container are
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "data"))
#: WeChat Pay and Alipay as they are played on this machine: for trying the installation out, never beside real accounts
SANDBOX = os.environ.get("SANDBOX") == "1"

DEBUG = False
SECRET_KEY = read_required("SECRET_KEY")
SCANFORPAY_BASE_URL = read_required("BASE_URL")
SCANFORPAY_ENCRYPTION_KEYS = read_list("ENCRYPTION_KEYS")
_base = urlsplit(SCANFORPAY_BASE_URL)
# The names by which the health pages are asked from within: the container itself, and Docker's network.
ALLOWED_HOSTS = [_base.hostname or "", *read_list("ALLOWED_HOSTS", "localhost,127.0.0.1,web")]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# How many proxies stand before gunicorn and append to X-Forwarded-For. With one, what it says of https is believed: it
# must set both headers itself (deploy/nginx.conf does).
SCANFORPAY_TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
if SCANFORPAY_TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _base.scheme == "https"
SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "0"))
SECURE_CONTENT_TYPE_NOSNIFF = True
# The proxy leads http to https, and HSTS is for this host alone: what is beside it is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

SCANFORPAY_METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
SCANFORPAY_METRICS_NETWORKS = read_list("METRICS_NETWORKS")
SCANFORPAY_OUTBOUND_ALLOW = read_list("OUTBOUND_ALLOW")
SCANFORPAY_SANDBOX_ALLOWED = SANDBOX
SCANFORPAY_BILL_STORAGE = "bills"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "scanforpay_django",
    *(["scanforpay_django.sandbox"] if SANDBOX else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    *(["scanforpay_django.sandbox.middleware.SandboxPhoneMiddleware"] if SANDBOX else []),
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "payments.urls"
WSGI_APPLICATION = "payments.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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

DATABASES = {
    "default": dj_database_url.parse(read_required("DATABASE_URL"), conn_max_age=60, conn_health_checks=True)
}
REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL:
    SCANFORPAY_WAKE_UP = "celery"
    SCANFORPAY_LIMITS_REDIS_URL = REDIS_URL
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LANGUAGE_CODE = os.environ.get("LANGUAGE_CODE", "en")
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"), ("ja", "日本語")]
TIME_ZONE = os.environ.get("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # platforms' bills, which nobody is served
    "bills": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "bills"},
    },
}

# To standard error, a line each: the container's log, or the journal.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # The moment has its offset: TIME_ZONE is this process's own, and another host's may differ.
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name}: {message}",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"scanforpay_django": {"level": os.environ.get("LOG_LEVEL", "INFO")}},
}
