"""The sandbox with TLS at a free port, for clients that insist on https://api.mch.weixin.qq.com and the like."""

import os
import ssl
import threading

import pytest
import trustme
from django.core.handlers.wsgi import WSGIHandler

from scanforpay_django.sandbox.hosts import HOSTS
from scanforpay_django.sandbox.server import ServerPlan, make_server
from tests.sandbox.sdks.cache import Missing
from tests.sandbox.sdks.matrix import Row
from tests.sandbox.sdks.process import Client, Way
from tests.sandbox.sdks.table import Sdk

CI = os.environ.get("CI") == "true"


def pytest_collection_modifyitems(config, items):
    """The clients that CI does not run each time are left out, unless --all-sdks asks for them."""
    marks = [(item, item.get_closest_marker("sdk")) for item in items]
    later = [item for item, mark in marks if mark and mark.args and not mark.args[0].in_ci]
    if not config.getoption("--all-sdks"):
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """(TLS of the server, the file of the authority that vouches for it)."""
    made = trustme.CA()
    file = tmp_path_factory.mktemp("tls") / "authority.pem"
    made.cert_pem.write_to_path(str(file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(*HOSTS).configure_cert(tls)
    return tls, str(file)


@pytest.fixture
def platforms(authority, transactional_db, settings, quick_repeats):
    """The sandbox under the platforms' own names, on the loopback."""
    settings.SCANFORPAY_SANDBOX_ALLOWED = True
    server = make_server(WSGIHandler(), ServerPlan(tls=authority[0]))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield Way(port=server.server_address[1], authority=authority[1])
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def start_client(platforms):
    """Starts a client; where it cannot be had the test is skipped, and with CI=true it fails."""
    started = []

    def start(sdk: Sdk, settings, **way) -> Client:
        try:
            made = Client(sdk, Way(**{**vars(platforms), **way}), settings)
        except Missing as missing:
            if CI:
                raise
            pytest.skip(str(missing))
        started.append(made)
        return made

    yield start
    for client in started:
        client.close()


@pytest.fixture
def row(request):
    """Collects what worked, for the page in docs/; at the end the page must say the same."""
    made: list[Row] = []

    def begin(sdk: Sdk, mode: str) -> Row:
        made.append(Row(sdk=sdk, mode=mode))
        return made[-1]

    yield begin
    for one in made:
        one.finish(write=request.config.getoption("--write-matrix"))
