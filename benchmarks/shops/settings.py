"""One project for all variants; gunicorn's processes keep their connections."""

from benchmarks.project.settings import *  # noqa: F403
from benchmarks.project.settings import DATABASES
from benchmarks.shops.peers import PEERS

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "scanforpay_django",
    "benchmarks.shops",
]
if "payments" in PEERS:
    INSTALLED_APPS += ["payments"]
    PAYMENT_MODEL = "shops.Payment"
    PAYMENT_HOST = "pay.example.com"
    PAYMENT_VARIANTS = {"default": ("payments.dummy.DummyProvider", {})}
if "getpaid" in PEERS:
    # Its dummy backend refuses to load without DEBUG: one of ours stands in for it.
    INSTALLED_APPS += ["getpaid"]
    GETPAID_ORDER_MODEL = "shops.GetpaidOrder"
    GETPAID_PAYMENT_MODEL = "shops.GetpaidPayment"
ROOT_URLCONF = "benchmarks.shops.urls"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES["default"]["CONN_MAX_AGE"] = None
WSGI_APPLICATION = None
LOGGING = {"version": 1, "disable_existing_loggers": False}
