"""Each project of the table: checks clean, migrates, sells, is paid, notifies its merchant, refunds in admin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.hosts.databases import missing, open_database
from tests.hosts.docs_table import DOCS, write_table
from tests.hosts.environments import Unavailable, install_wheel, locked, make_environment
from tests.hosts.host import Host
from tests.hosts.merchant import Merchant
from tests.hosts.project import write_project
from tests.hosts.server import Processes, free_port
from tests.hosts.staff import Staff
from tests.hosts.table import HOSTS

# The first project of each environment may have to install it.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run, the same in every process of pytest-xdist."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "hosts"


@pytest.fixture(scope="session")
def wheel(shared: Path) -> Path:
    """Built once a run."""
    place = shared / "dist"
    with locked(place):
        if not place.exists():
            command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(place), str(ROOT)]
            ran = subprocess.run(command, capture_output=True, text=True)
            if "No matching distribution" in ran.stdout + ran.stderr:
                unavailable("needs a package index to build the wheel")
            assert ran.returncode == 0, ran.stdout + ran.stderr
    return next(place.glob("*.whl"))


def unavailable(reason: str) -> None:
    """In CI everything is there."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


#: CI and EVERY_HOST=1 make each project of the table; other runs those that differ most from the others
EVERY = bool(os.environ.get("EVERY_HOST") or os.environ.get("CI"))
CHOSEN = [host for host in HOSTS if host.is_quick or EVERY]


@pytest.mark.parametrize("host", CHOSEN, ids=lambda host: host.name)
def test_a_project_is_paid(host: Host, wheel: Path, shared: Path, tmp_path: Path) -> None:
    try:
        python = make_environment(host.environment, wheel)
    except Unavailable as error:
        unavailable(str(error))
    if lacking := missing(host.database):
        unavailable(lacking)
    site, folder, port = shared / f"site-{host.environment.python}", tmp_path / "project", free_port()
    install_wheel(python, wheel, site)
    with open_database(host.database, python) as database:
        write_project(host, folder, database, port)
        story(Processes(host=host, folder=folder, python=python, site=site, port=port))


def story(processes: Processes) -> None:
    host, root = processes.host, f"http://127.0.0.1:{processes.port}"
    merchant = Merchant(f"{root}{host.prefix}", processes.run("prepare.py", host.user_name, *host.commands))
    with merchant.listening() as notify_url, processes.serving():
        pay_url = merchant.create("A-1", notify_url)
        assert pay_url.startswith(f"{root}{host.prefix}/api/jspay/pay/")
        if host.server != "runserver":
            # The same call again, in another form: the same order.
            assert merchant.create_in_chunks("A-1", notify_url) == pay_url
        check_headers(merchant.get(pay_url))
        # The wheel needs no OpenAPI library.
        assert merchant.get(f"{root}{host.prefix}/api/schema/").status_code == 501
        printed = processes.run("manage.py", "sandbox_pay", pay_url, "--as", host.pays_as, "--work")
        assert "ship A-1" in printed.splitlines()
        (told,) = [merchant.client.read_notification(body) for body in merchant.bodies]
        assert (told.partner_order_no, told.amount, told.is_paid) == ("A-1", 2100, True)
        assert merchant.client.query_order(partner_order_no="A-1").is_paid
        if host.admin:
            refund_in_admin(host, f"{root}{host.admin}")


def check_headers(page: requests.Response) -> None:
    """They are ours, whatever the project's middleware says of its own pages."""
    assert page.status_code == 200, page.text
    assert "'nonce-" in page.headers["Content-Security-Policy"]
    assert {"private", "no-store"} <= set(page.headers["Cache-Control"].split(", "))


def refund_in_admin(host: Host, admin: str) -> None:
    staff = Staff(admin)
    staff.sign_in(host.user_name)
    staff.look_around()
    page = staff.refund("7.00")
    assert "CNY 7.00" in page
    # The timeline says who it was.
    assert page.count(host.user_name) >= 2


def test_the_docs_table_is_the_table() -> None:
    assert write_table(DOCS.read_text()) == DOCS.read_text(), "run python -m tests.hosts"


def test_each_python_and_each_django_is_there() -> None:
    """As often as the package's classifiers name them."""
    classifiers = (ROOT / "pyproject.toml").read_text()
    for kind, versions in (
        ("Framework :: Django", {host.environment.django for host in HOSTS}),
        ("Programming Language :: Python", {host.environment.python for host in HOSTS}),
    ):
        assert all(f'"{kind} :: {version}"' in classifiers for version in versions)
    assert len({host.name for host in HOSTS}) == len(HOSTS) >= 24
