"""What every test may use: a merchant, its signed calls, the other services of this machine."""

import os
import socket
from pathlib import Path

import pytest

from tests.merchant import Merchant, seed_merchant

CI = os.environ.get("CI") == "true"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_postgres() -> bool:
    return os.environ.get("TEST_DATABASE_URL", "").startswith("postgres")


NEEDS = {
    "postgres": (_is_postgres, "needs PostgreSQL: set TEST_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres"),
    "redis": (lambda: _listens(6379), "needs Redis at 127.0.0.1:6379: apt install redis-server, then start it"),
    "browser": (lambda: Path("/usr/bin/chromium").exists(), "needs Chromium: apt install chromium fonts-noto-cjk"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip with the reason on a user's machine; in CI a missing service is a failure, so nothing is skipped."""
    for marker, (is_there, reason) in NEEDS.items():
        marked = [item for item in items if marker in item.keywords]
        if not marked or is_there():
            continue
        for item in marked:
            # The SQLite run of CI leaves PostgreSQL's tests to the PostgreSQL run of the same CI.
            if not CI or marker == "postgres":
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def merchant(db: None) -> Merchant:
    """Partner 10001 with a store and accounts at the sandbox."""
    return seed_merchant()
