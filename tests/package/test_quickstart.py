"""docs/quickstart.md, followed to the letter in an empty folder, from the wheel."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.package.test_package import wheel

__all__ = ["wheel"]
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
PORT = "8000"


def blocks(kind: str) -> list[str]:
    """The page's blocks of code, in order."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def wait_for_server(port: str) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_the_page_leads_to_a_paid_order(wheel: Path, tmp_path: Path) -> None:
    site, project, port = tmp_path / "site", tmp_path / "project", free_port()
    project.mkdir()
    start, serve, pay = blocks("sh")
    settings, urls, handler = blocks("python")
    install, startproject = start.splitlines()
    assert install == "pip install scanforpay_django"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
        capture_output=True,
    )
    env = {
        **os.environ,
        "PYTHONPATH": str(site),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    env.pop("DJANGO_SETTINGS_MODULE", None)

    def run(line: str) -> str:
        ran = subprocess.run(
            shlex.split(line), cwd=project, env=env, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == 0, line + ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    run(startproject)
    for name, added in (("settings.py", settings), ("urls.py", urls)):
        with (project / "shop" / name).open("a") as file:
            file.write(added)
    # The port that the page names may be taken on this machine.
    with (project / "shop" / "settings.py").open("a") as file:
        file.write(f'SCANFORPAY_BASE_URL = "http://localhost:{port}"\n')
    (project / "shop" / "scanforpay.py").write_text(handler)
    migrate, setup, runserver = serve.splitlines()
    run(migrate)
    told = run(setup)
    assert "Sign key" in told
    assert "(new, at the sandbox)" in told
    pay_url = re.search(r"^Order +(\S+)$", told, re.MULTILINE)[1]
    assert pay_url.startswith(f"http://localhost:{port}/api/jspay/pay/")
    # What is there stays.
    assert "not shown again" in run(setup.removesuffix(" --order"))
    server = subprocess.Popen(
        [*shlex.split(runserver), f"127.0.0.1:{port}", "--noreload"],
        cwd=project, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for_server(port)
        paid = run(pay.strip().replace("PAY_URL", pay_url))
        assert "paid" in paid
        assert re.search(r"^ship try-[\d-]+$", paid, re.MULTILINE)
        assert "ship" not in run("python manage.py scanforpay_worker --once")
        # The other wallet's app, as the page says.
        other = re.search(r"^Order +(\S+)$", run(setup), re.MULTILINE)[1]
        alipay = pay.strip().replace("PAY_URL", other).replace("--as wechat", "--as alipay")
        assert re.search(r"^ship try-[\d-]+$", run(alipay), re.MULTILINE)
    finally:
        server.kill()
        server.wait()


def test_the_page_keeps_its_promise_of_brevity() -> None:
    """Commands, and lines of code that are not blank."""
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    lines = [line for block in blocks("python") for line in block.splitlines() if line.strip()]
    assert (len(commands), len(lines)) == (6, 8)
