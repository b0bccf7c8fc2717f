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


def install(sdk: Sdk) -> Path:
    """The folder of ``sdk``, installed now if it is not there. Raises Missing."""
    tool = "npm" if sdk.is_node else sys.executable
    if sdk.is_node and not (shutil.which("npm") and shutil.which("node")):
        raise Missing(f"{sdk.name} needs Node.js and npm: apt install nodejs npm")
    home = cache() / sdk.folder
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
        return [
            [tool, "install", "--no-save", "--no-audit", "--no-fund", f"{sdk.name}@{sdk.version}", *sdk.also]
        ]
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    return [[tool, "-m", "venv", str(home)], [*pip, f"{sdk.name}=={sdk.version}", *sdk.also]]


def _run(sdk: Sdk, command: list[str], home: Path) -> None:
    try:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"{sdk.name} {sdk.version} was not installed within {INSTALL_SECONDS} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise Missing(
            f"{sdk.name} {sdk.version} is not in {cache()} and cannot be installed ({last}): "
            f"with a network, run this test again, or in {home}: {' '.join(command)}"
        )
