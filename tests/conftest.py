"""What every test may use: a merchant, its signed calls, the other services of this machine."""

import math
import os
import shutil
import socket
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import settings as hypothesis_settings

from scanforpay_django.books.follow import post_new
from scanforpay_django.models import partner_cache
from scanforpay_django.models.restore_cache import restored_at
from scanforpay_django.operations import alarms, call_counter, platform_minutes
from scanforpay_django.operations.chain.follow import link_new
from scanforpay_django.operations.figures.follow import follow_changes
from scanforpay_django.sandbox import moved_clock
from tests.merchant import Merchant, seed_merchant
from tests.rows import Rows
from tests.transport.zoo import Zoo

ROOT = Path(__file__).parents[1]
CI = os.environ.get("CI") == "true"
# Hypothesis tries the same cases each time, unless TEST_AT_RANDOM=true asks it to search for new ones.
hypothesis_settings.register_profile("same cases", derandomize=True)
hypothesis_settings.register_profile("at random", derandomize=False)
hypothesis_settings.load_profile("at random" if os.environ.get("TEST_AT_RANDOM") == "true" else "same cases")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


NEEDS = {
    "redis": (
        lambda: _listens(6379),
        "needs Redis at 127.0.0.1:6379: apt install redis-server, then start it",
    ),
    "rabbitmq": (
        lambda: _listens(5672),
        "needs RabbitMQ at 127.0.0.1:5672, user guest: apt install rabbitmq-server, then start it",
    ),
    "mariadb": (
        lambda: find_spec("pymysql") and _listens(3306),
        "needs MariaDB at 127.0.0.1:3306, root without a password (apt install mariadb-server), and PyMySQL",
    ),
    "browser": (
        lambda: Path("/usr/bin/chromium").exists(),
        "needs Chromium: apt install chromium fonts-noto-cjk",
    ),
    "pg_dump": (lambda: shutil.which("pg_dump"), "needs pg_dump: apt install postgresql-client"),
    "php": (lambda: shutil.which("php"), "needs PHP: apt install php-cli"),
    "node": (lambda: shutil.which("node"), "needs Node.js: apt install nodejs"),
    "java": (lambda: shutil.which("java"), "needs a JDK: apt install default-jdk-headless"),
    "curl": (lambda: shutil.which("curl"), "needs curl: apt install curl"),
    "nginx": (lambda: shutil.which("nginx"), "needs nginx: apt install nginx"),
    "systemd": (lambda: shutil.which("systemd-analyze"), "needs systemd-analyze: apt install systemd"),
}
# The other side of the wire and sockets: proven once, on SQLite. Other modules say it themselves (pytest.mark.sqlite).
NO_DATABASES_PART = (
    "tests/admin/test_lookups.py",
    "tests/cashier/test_headers.py",
    "tests/deploy/test_host_files.py",
    "tests/deploy/test_monitoring_files.py",
    "tests/operations/grading/",
    "tests/operations/order_story/",
    "tests/operations/signature/",
    "tests/package/test_client.py",
    "tests/package/test_demo_shop.py",
    "tests/package/test_distribution.py",
    "tests/package/test_notify_samples.py",
    "tests/package/test_operators_pages.py",
    "tests/package/test_package.py",
    "tests/package/test_pytest_plugin.py",
    "tests/package/test_quickstart.py",
    "tests/package/test_samples.py",
    "tests/package/test_translations.py",
    "tests/sandbox/",
    "tests/story/test_published_clients.py",
    "tests/transport/",
    "tests/wallets/alipay/",
    "tests/wallets/alipay_cross_border/",
    "tests/wallets/bills/",
    "tests/wallets/wechat/",
)
# The platforms' side, what each wallet makes of it, and the audit's seeds: the other Pythons and Djangos run without.
PROVEN_ONCE = ("tests/sandbox/", "tests/wallets/", "tests/operations/audit/")
#: EVERY_CASE=1 runs each case of each table; else a test with many runs every second to fifth, the next test others
EVERY_CASE = bool(os.environ.get("EVERY_CASE"))
EVERY_NTH = {
    "tests/admin/": 3,
    "tests/attacks/": 4,
    "tests/books/": 3,
    "tests/browser/": 5,
    "tests/flows/": 4,
    "tests/management/": 3,
    "tests/merchant_api/": 3,
    "tests/operations/": 4,
    "tests/package/": 3,
    "tests/sandbox/": 5,
    "tests/story/": 2,
    "tests/wallets/": 5,
}
#: of these every third test, whatever it is called: each makes a project of its own
PROJECTS = {"tests/package/test_pytest_plugin.py": 5}
#: of these folders half of the tests run on SQLite and the other half on PostgreSQL, each at least once
DIVIDED = (
    "tests/admin/",
    "tests/books/",
    "tests/cashier/",
    "tests/management/",
    "tests/merchant_api/",
    "tests/operations/",
    "tests/wallets/",
)
#: of these half runs. TEST_HALF=1, for another Python or Django, takes half of all
HALVED = {
    "sqlite3": ("tests/sandbox/",),
    "postgresql": ("tests/package/",),
    "mysql": ("tests/flows/", "tests/merchant_notify/", "tests/models/"),
}
#: a test with fewer cases runs them all
FEW_CASES = 3
#: what the "dev" extra leaves out -> the tests that need it
PACKAGES = {
    "beancount": (
        "tests/books/test_beancount.py",
        "tests/books/test_fund_balances.py",
        "tests/books/test_year.py",
        "tests/chaos/test_chaos.py",
        "tests/faults/test_ledger.py",
    ),
    "axe_playwright_python": ("tests/browser",),
    "build": ("tests/hosts", "tests/package/test_distribution.py", "tests/package/test_package.py"),
    "gunicorn": ("tests/deploy/test_compose.py",),
    "sphinx": ("tests/package/test_docs_conf.py",),
    "playwright": ("tests/browser", "tests/sandbox/test_sheets.py"),
    "cyclonedx_py": ("tests/package/test_bill_of_materials.py",),
    "opentelemetry": ("tests/package/test_spans.py",),
    "schemathesis": ("tests/merchant_api/test_generated_calls.py",),
    "twine": ("tests/package/test_distribution.py",),
    "whitenoise": ("tests/deploy/test_compose.py",),
    "yaml": ("tests/deploy/test_compose.py", "tests/deploy/test_monitoring_files.py"),
    "wechatpayv3": ("tests/wallets/wechat/test_against_wechatpayv3.py",),
}
#: a database's engine -> markers of the tests that are not for it
LEFT_OUT = {
    "sqlite3": {"postgres", "mysql", "row_locks"},
    "postgresql": {"sqlite", "mysql"},
    "mysql": {"sqlite", "postgres", "woken"},
}
NO_DATABASE = (
    "needs what TEST_DATABASE_URL names: in tox PostgreSQL at 127.0.0.1:5432 (apt install postgresql) and MariaDB at "
    "127.0.0.1:3306 (apt install mariadb-server)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-sdks", action="store_true", help="run every client of others against the sandbox")
    parser.addoption(
        "--write-matrix", action="store_true", help="write docs/sandbox-clients.md from what they did"
    )


class LeftOut(pytest.File):
    """A folder or module of tests whose packages are not installed: it is skipped, and says which these are."""

    def collect(self) -> list[pytest.Item]:
        place, packages = self.path.relative_to(ROOT), ", ".join(_missing(self.path))
        pytest.skip(f'{place} needs {packages}: pip install -e ".[test]"', allow_module_level=True)


def _missing(path: Path) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    return [package for package, places in PACKAGES.items() if name in places and not find_spec(package)]


def _left_out(path: Path, parent: pytest.Collector) -> LeftOut | None:
    """With CI=true a missing package is an error, as a missing service is."""
    return LeftOut.from_parent(parent, path=path) if not CI and _missing(path) else None


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> LeftOut | None:
    return _left_out(path, parent)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> LeftOut | None:
    return _left_out(module_path, parent)


def _skip(items: list[pytest.Item], reason: str) -> None:
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


def _names_cases(config: pytest.Config) -> bool:
    """Whether single tests are asked for: these run as they are."""
    return bool(config.getoption("keyword")) or any("::" in name for name in config.args)


def _thinned_out(items: list[pytest.Item]) -> set[pytest.Item]:
    """Cases that another run takes. Which these are depends on nothing but the tests' order."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.nodeid.startswith(tuple(EVERY_NTH)) and not item.nodeid.startswith(tuple(PROJECTS)):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out: set[pytest.Item] = set()
    for folder, step in PROJECTS.items():
        projects = [item for item in items if item.nodeid.startswith(folder)]
        left_out |= {item for number, item in enumerate(projects) if number % step}
    for place, (name, tried) in enumerate(cases.items()):
        step = next(step for folder, step in EVERY_NTH.items() if name.startswith(folder))
        if len(tried) >= FEW_CASES:
            kept = range(place % min(step, len(tried)), len(tried), step)
            left_out |= {item for number, item in enumerate(tried) if number not in kept}
    return left_out


def _halved(items: list[pytest.Item], database: str) -> set[pytest.Item]:
    """Whole tests, with all their cases: which these are depends on their names alone."""
    halved = ("tests/",) if os.environ.get("TEST_HALF") else HALVED[database]
    own = {"sqlite", "postgres", "mysql", "row_locks", "browser"}
    left_out = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        is_odd = bool(zlib.crc32(name.encode()) & 1)
        is_shared = not own & set(item.keywords) and database != "mysql"
        if name.startswith(halved) and not {"postgres", "mysql", "row_locks"} & set(item.keywords):
            left_out |= {item} if is_odd else set()
        elif name.startswith(DIVIDED) and is_shared and is_odd == (database == "postgresql"):
            left_out.add(item)
    return left_out


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip with the reason on a user's machine; with CI=true nothing is skipped and a missing service fails.

    A database's own tests belong to the run on it; what no database has a part in is proven once, on SQLite.
    """
    for item in items:
        if item.nodeid.startswith(NO_DATABASES_PART):
            item.add_marker(pytest.mark.sqlite)
    if not CI and settings.DATABASE_IS_MISSING:
        _skip(items, NO_DATABASE)
    else:
        database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
        left_out = {item for item in items if LEFT_OUT[database] & set(item.keywords)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    if not EVERY_CASE and not _names_cases(config):
        engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
        thinned = _thinned_out(items) | _halved(items, engine)
        config.hook.pytest_deselected(items=list(thinned))
        items[:] = [item for item in items if item not in thinned]
    # The other Pythons and Djangos run a core: the platforms' whole protocol is proven once.
    for item in items:
        if item.nodeid.startswith(PROVEN_ONCE):
            item.add_marker(pytest.mark.slow)
    for marker, (is_there, reason) in NEEDS.items():
        if not CI and not is_there():
            _skip([item for item in items if marker in item.keywords], reason)


@pytest.fixture(autouse=True)
def process_remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test made this process remember or count is nothing to the next one."""
    monkeypatch.setattr(call_counter, "_memory", call_counter.MemoryCounter())
    monkeypatch.setattr(alarms, "_failed_until", {})
    monkeypatch.setattr(platform_minutes, "minutes", platform_minutes.PlatformMinutes())
    # Whether it writes is a matter of time: tests of it say when.
    monkeypatch.setattr(platform_minutes, "WRITE_SECONDS", math.inf)
    follow_changes.forget()
    post_new.forget()
    link_new.forget()
    partner_cache.forget()
    restored_at.forget()
    # A run that was killed may have left the clock ahead.
    moved_clock.reset()


@pytest.fixture
def merchant(db: None) -> Merchant:
    """Partner 10001 with a store and accounts at the sandbox."""
    return seed_merchant()


@pytest.fixture
def rows() -> Rows:
    """Makes partners, stores, orders and notifications."""
    return Rows()


@pytest.fixture
def zoo() -> Iterator[Zoo]:
    """Servers of merchants: some behave, some do not."""
    with Zoo() as zoo:
        yield zoo


@pytest.fixture
def staff(client: Client, django_user_model) -> Client:
    """A superuser, signed in."""
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    return client
