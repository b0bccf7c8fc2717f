"""A project's processes: its commands, and the server."""

import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hosts.host import Host

SERVERS = {
    "runserver": "manage.py runserver 127.0.0.1:{port} --noreload",
    "gunicorn": "-m gunicorn shop.wsgi --bind 127.0.0.1:{port} --threads 4",
    "uvicorn": "-m uvicorn shop.asgi:application --port {port}",
    "daphne": "-m daphne -p {port} shop.asgi:application",
}
# of the tests, and not of a project
NOT_PASSED_ON = {"DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "PYTHONPATH"}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Processes:
    """Of one project."""

    host: Host
    folder: Path
    python: Path
    # where the wheel is installed
    site: Path
    port: int

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
        ours = {"PYTHONPATH": f"{self.site}:{self.folder}", "DJANGO_SETTINGS_MODULE": "shop.settings"}
        return {**kept, **ours, **({"PYTHONWARNINGS": self.host.warnings} if self.host.warnings else {})}

    def run(self, *command: str) -> str:
        """What a command of the project prints; it has to succeed."""
        ran = subprocess.run(
            [self.python, *command],
            cwd=self.folder, env=self._env(), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    @contextmanager
    def serving(self) -> Iterator[Path]:
        """While the server runs: what it writes is in the file."""
        log = self.folder / "server.log"
        command = shlex.split(SERVERS[self.host.server].format(port=self.port))
        with log.open("wb") as file:
            process = subprocess.Popen(
                [self.python, *command], cwd=self.folder, env=self._env(), stdout=file, stderr=file
            )
            try:
                self._wait(process, log)
                yield log
            finally:
                process.terminate()
                process.wait(timeout=30)

    def _wait(self, process: subprocess.Popen, log: Path) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server did not start\n{log.read_text()}")
