"""The storms in small: what their commands judge holds, in a time that a commit may take."""

import re
import subprocess
import sys

import pytest

from tests.chaos.services import ROOT

# A small storm has more kills for each notice, and this machine may be busy: the share is the big storm's to prove.
SHARE = ["--most-duplicates", "0.25"]


def command(module: str, *arguments: str) -> str:
    """What the command printed; it must have exited with 0."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.chaos.{module}", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.postgres
def test_the_kill_storm() -> None:
    options = ["--notices", "1000", "--kills", "4", "--flushes", "1", "--crashes", "1", "--deadline", "3"]
    assert "the promise holds" in command("kill_storm", *options, *SHARE, "--rate", "80")


@pytest.mark.slow
@pytest.mark.mysql
def test_the_kill_storm_on_mariadb() -> None:
    options = ["--mariadb", "--notices", "800", "--kills", "3", "--flushes", "1", "--crashes", "1"]
    assert "the promise holds" in command("kill_storm", *options, *SHARE, "--deadline", "3", "--rate", "80")


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_kill_storm_embedded() -> None:
    options = ["--embedded", "--notices", "500", "--kills", "3", "--deadline", "3"]
    assert "the promise holds" in command("kill_storm", *options, *SHARE)


@pytest.mark.slow
@pytest.mark.sqlite
def test_hostile_receivers() -> None:
    line = command("hostile", "--deadline", "2").splitlines()[-1]
    assert int(line.split()[0]) >= 24
    assert "false successes 0" in line


@pytest.mark.slow
@pytest.mark.sqlite
def test_forbidden_addresses() -> None:
    found = re.match(r"(\d+) forbidden addresses, \d+ tries: 0 connect\(\), 0 answers", command("forbidden"))
    assert found is not None
    assert int(found[1]) >= 300


@pytest.mark.slow
@pytest.mark.sqlite
def test_hanging_endpoints_hold_up_no_healthy_one() -> None:
    found = command("isolation", "--rows", "200", "--deadline", "3", "--no-figures")
    assert found.count(" hang ") == 2


@pytest.mark.slow
@pytest.mark.postgres
def test_the_handler_storm() -> None:
    assert "the promise holds" in command("handler_storm", "--orders", "200", "--kills", "4")
