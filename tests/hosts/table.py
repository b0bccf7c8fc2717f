"""The projects. A row more is a project more: docs/hosts.md follows by ``python -m tests.hosts``."""

from tests.hosts.host import Environment, Host
from tests.hosts.modules import CUSTOM_USER, OWN_SITE, OWN_USER, PREFIX_PROXY, REPLICA, ROUTER

OLD = Environment(python="3.11", django="5.2")
MIDDLE = Environment(python="3.12", django="6.0")
NEW = Environment(python="3.13", django="6.1")

HOSTS = [
    Host(
        name="plain",
        words="nothing: Django's own project template",
        environment=NEW,
    ),
    Host(
        name="custom-user",
        is_quick=True,
        words="a user model of its own: an email address as name, a UUID as key",
        environment=MIDDLE,
        settings=OWN_USER,
        models=CUSTOM_USER,
        user_name="boss@example.com",
        pays_as="alipay",
    ),
    Host(
        name="long-names",
        words="user names of 254 characters; `CONN_MAX_AGE` and `CONN_HEALTH_CHECKS`",
        environment=OLD,
        database="postgresql",
        settings=f"""
{OWN_USER}
DATABASES["default"] |= {{"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
""",
        models=CUSTOM_USER,
        user_name=f"{'b' * 64}@{'.'.join(['c' * 46] * 4)}.d",
    ),
    Host(
        name="i18n-patterns",
        words="`i18n_patterns` around the project's own pages and admin; the payment API is outside of them",
        environment=NEW,
        settings='MIDDLEWARE.insert(2, "django.middleware.locale.LocaleMiddleware")',
        urls="""
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
urlpatterns += i18n_patterns(path("admin/", admin.site.urls))
""",
        admin="/en/admin/",
        pays_as="alipay",
    ),
    Host(
        name="script-name",
        is_quick=True,
        words="`FORCE_SCRIPT_NAME`, behind a proxy that leads one directory to the project",
        environment=MIDDLE,
        settings='FORCE_SCRIPT_NAME = "/shop"',
        files={"wsgi.py": PREFIX_PROXY},
        server="gunicorn",
        admin="/shop/admin/",
        prefix="/shop",
    ),
    Host(
        name="atomic-requests",
        words="`ATOMIC_REQUESTS`",
        environment=OLD,
        settings='DATABASES["default"]["ATOMIC_REQUESTS"] = True',
        pays_as="alipay",
    ),
    Host(
        name="hostile-drf",
        is_quick=True,
        words="`REST_FRAMEWORK` of a project that lets nobody in: other parsers, renderers, permissions, throttles",
        environment=NEW,
        settings="""
REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.StaticHTMLRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": [],
    "EXCEPTION_HANDLER": "shop.nowhere.handler",
    "UNAUTHENTICATED_USER": None,
}
""",
    ),
    Host(
        name="uvicorn",
        words="ASGI",
        environment=MIDDLE,
        server="uvicorn",
        pays_as="alipay",
    ),
    Host(
        name="daphne",
        is_quick=True,
        words="ASGI",
        environment=OLD,
        server="daphne",
    ),
    Host(
        name="warnings",
        words="`python -W error`",
        environment=NEW,
        warnings="error",
        pays_as="alipay",
    ),
    Host(
        name="router",
        is_quick=True,
        words="`DATABASE_ROUTERS` that lead our tables to a second database",
        environment=MIDDLE,
        settings="""
DATABASES["payments"] = {**DATABASES["default"], "NAME": BASE_DIR / "payments.sqlite3"}
DATABASE_ROUTERS = ["shop.router.Router"]
""",
        files={"router.py": ROUTER},
    ),
    Host(
        name="site-cache",
        is_quick=True,
        words="Django's cache middleware around the whole site",
        environment=OLD,
        settings="""
MIDDLEWARE.insert(0, "django.middleware.cache.UpdateCacheMiddleware")
MIDDLEWARE.append("django.middleware.cache.FetchFromCacheMiddleware")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
""",
        pays_as="alipay",
    ),
    Host(
        name="own-admin-site",
        is_quick=True,
        words="an `AdminSite` of its own, and not the default one: `scanforpay_django.admin.register(site)`",
        environment=NEW,
        settings="""
INSTALLED_APPS[INSTALLED_APPS.index("django.contrib.admin")] = "django.contrib.admin.apps.SimpleAdminConfig"
""",
        files={"desk.py": OWN_SITE},
        urls="""
from shop.desk import site
urlpatterns += [path("desk/", site.urls)]
""",
        admin="/desk/",
    ),
    Host(
        name="unfold",
        is_quick=True,
        words="django-unfold",
        environment=MIDDLE,
        settings='INSTALLED_APPS.insert(0, "unfold")',
        pays_as="alipay",
    ),
    Host(
        name="jazzmin",
        words="django-jazzmin",
        environment=OLD,
        settings='INSTALLED_APPS.insert(0, "jazzmin")',
    ),
    Host(
        name="grappelli",
        words="django-grappelli",
        environment=OLD,
        settings="""
INSTALLED_APPS.insert(0, "grappelli")
TEMPLATES[0]["OPTIONS"]["context_processors"].append("django.template.context_processors.media")
""",
        urls='urlpatterns += [path("grappelli/", include("grappelli.urls"))]',
        pays_as="alipay",
    ),
    Host(
        name="pool",
        is_quick=True,
        words="psycopg 3's connection pool",
        environment=NEW,
        database="postgresql",
        settings='DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 4}}',
        server="gunicorn",
    ),
    Host(
        name="strict-policy",
        is_quick=True,
        words="a Content-Security-Policy of its own (Django's middleware), HSTS, `SECURE_*`, `X_FRAME_OPTIONS`",
        environment=NEW,
        settings="""
from django.utils.csp import CSP
MIDDLEWARE.insert(1, "django.middleware.csp.ContentSecurityPolicyMiddleware")
SECURE_CSP = {"default-src": [CSP.SELF], "style-src": [CSP.SELF], "frame-ancestors": [CSP.NONE]}
SECURE_HSTS_SECONDS = 3600
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
""",
        pays_as="alipay",
    ),
    Host(
        name="whitenoise",
        words="`DEBUG` off; whitenoise, static files with digests in their names",
        environment=MIDDLE,
        settings="""
DEBUG = False
SCANFORPAY_SANDBOX_ALLOWED = True
MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STATIC_ROOT = BASE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
""",
        commands=("collectstatic",),
        server="gunicorn",
    ),
    Host(
        name="cookie-sessions",
        words="sessions in signed cookies, messages in the session",
        environment=OLD,
        settings="""
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
INSTALLED_APPS.remove("django.contrib.sessions")
""",
        pays_as="alipay",
    ),
    Host(
        name="china",
        words='`LANGUAGE_CODE = "zh-hans"`, `TIME_ZONE = "Asia/Shanghai"`, `LocaleMiddleware`',
        environment=OLD,
        settings="""
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
MIDDLEWARE.insert(2, "django.middleware.locale.LocaleMiddleware")
""",
    ),
    Host(
        name="no-slash",
        words="`APPEND_SLASH = False`, `DEFAULT_AUTO_FIELD` with 32 bits",
        environment=MIDDLE,
        settings="""
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
""",
        pays_as="alipay",
    ),
    Host(
        name="logging",
        words="`LOGGING` as JSON to a file, with `disable_existing_loggers`",
        environment=NEW,
        settings="""
import json, logging

class JsonFormatter(logging.Formatter):
    def format(self, record):
        kept = {name: value for name, value in vars(record).items() if name not in ("exc_info", "args")}
        return json.dumps({**kept, "message": record.getMessage()}, default=str)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": True,
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {"file": {"class": "logging.FileHandler", "filename": BASE_DIR / "log", "formatter": "json"}},
    "root": {"handlers": ["file"], "level": "DEBUG"},
}
""",
    ),
    Host(
        name="no-admin",
        is_quick=True,
        words="neither admin nor sessions, messages and static files",
        environment=MIDDLE,
        settings="""
for name in ("admin", "messages", "sessions", "staticfiles"):
    INSTALLED_APPS.remove(f"django.contrib.{name}")
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
""",
        admin="",
        pays_as="alipay",
    ),
    Host(
        name="mariadb",
        is_quick=True,
        words="MariaDB with PyMySQL, a session in +08:00 under REPEATABLE READ; `ATOMIC_REQUESTS`",
        environment=OLD,
        database="mariadb",
        settings="""
DATABASES["default"]["ATOMIC_REQUESTS"] = True
TIME_ZONE = "Asia/Shanghai"
""",
    ),
    Host(
        name="mariadb-new",
        words="MariaDB with PyMySQL, the newest Django; gunicorn",
        environment=NEW,
        database="mariadb",
        server="gunicorn",
        pays_as="alipay",
    ),
    Host(
        name="no-time-zones",
        is_quick=True,
        words='`USE_TZ = False`, `TIME_ZONE = "America/New_York"`',
        environment=MIDDLE,
        settings="""
USE_TZ = False
TIME_ZONE = "America/New_York"
""",
        pays_as="alipay",
    ),
    Host(
        name="replica",
        is_quick=True,
        words="`DATABASE_ROUTERS` that read from a replica, which lags for ever",
        environment=NEW,
        settings="""
DATABASES["replica"] = {**DATABASES["default"], "NAME": BASE_DIR / "replica.sqlite3"}
DATABASE_ROUTERS = ["shop.router.Router"]
""",
        files={"router.py": REPLICA},
    ),
]
