"""Each client in an environment of its own, installed once and kept: SDK_CACHE, or ~/.cache/scanforpay-sdks."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.sandbox.sdks.table import Sdk

INSTALL_SECONDS = 120


class Missing(Exception):
    """A client cannot be had; the text says how to get it."""


def cache() -> Path:
    """Where the clients are kept between runs."""
    return Path(os.environ.get("SDK_CACHE") or "~/.cache/scanforpay-sdks").expanduser()


# What could not be installed is not tried again by this process: without a network each try takes its time.
_missing: dict[Path, Missing] = {}


def install(sdk: Sdk) -> Path:
    """The folder of ``sdk``, installed now if it is not there. Raises Missing."""
    home = cache() / sdk.folder
    if home in _missing:
        raise _missing[home]
    try:
        return _install(sdk, home)
    except Missing as missing:
        _missing[home] = missing
        raise


def _install(sdk: Sdk, home: Path) -> Path:
    tool = "npm" if sdk.is_node else sys.executable
    if sdk.is_node and not (shutil.which("npm") and shutil.which("node")):
        raise Missing(f"{sdk.name} needs Node.js and npm: apt install nodejs npm")
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{sdk.folder}.lock").open("w") as lock:
        # other test processes wait here
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for command in _commands(sdk, home, tool):
                _run(sdk, command, home)
            (home / "complete").touch()
    return home


def _commands(sdk: Sdk, home: Path, tool: str) -> list[list[str]]:
    if sdk.is_node:
        npm = [tool, "install", "--no-save", "--no-audit", "--no-fund", "--fetch-retries=1"]
        return [[*npm, f"{sdk.name}@{sdk.version}", *sdk.also]]
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    return [[tool, "-m", "venv", str(home)], [*pip, f"{sdk.name}=={sdk.version}", *sdk.also]]


def _run(sdk: Sdk, command: list[str], home: Path) -> None:
    try:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"{sdk.name} {sdk.version} was not installed within {INSTALL_SECONDS} s") from None
    if done.returncode:
        # npm ends with where its log is
        said = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        raise Missing(
            f"{sdk.name} {sdk.version} is not in {cache()} and cannot be installed ({(said or ['no reason'])[-1]}): "
            f"with a network, run this test again, or in {home}: {' '.join(command)}"
        )
