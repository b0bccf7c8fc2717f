"""compose.yaml's services as processes of this machine: their commands as they stand there, and the image's own."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = ROOT / "deploy" / "project"
#: programs of the image's virtual environment
PROGRAMS = {"python": [], "gunicorn": ["-m", "gunicorn"], "celery": ["-m", "celery"]}
# of the tests, and not of a container
NOT_PASSED_ON = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "TEST_DATABASE_URL", "REDIS_URL"}


def image_command() -> list[str]:
    """What the image starts where compose.yaml names nothing."""
    (found,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    command: list[str] = json.loads(found)
    return command


def build_steps() -> list[tuple[dict[str, str], list[str]]]:
    """Environment and command of what RUN has manage.py do while the image is built."""
    joined = DOCKERFILE.replace("\\\n", " ")
    steps = []
    for step in re.findall(r"^RUN (.*manage\.py.*?)(?: &&|$)", joined, re.MULTILINE):
        words = shlex.split(step)
        given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        steps.append((given, [word for word in words if not re.match(r"[A-Z_]+=", word)]))
    return steps


@dataclass(frozen=True, kw_only=True)
class Composed:
    """The services, on a database of this machine."""

    database_url: str
    port: int
    data: Path
    environment: dict[str, str]

    def _env(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
        inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        path = os.pathsep.join([str(ROOT), *filter(None, inherited)])
        given = {
            "PYTHONPATH": path,
            "DATA_DIR": str(self.data),
            "STATIC_ROOT": str(self.data / "static"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**kept, **given, "DATABASE_URL": self.database_url, **self.environment, **more}

    def command(self, service: str) -> list[str]:
        """As it stands in compose.yaml or the Dockerfile; the address that it binds and its files are the test's."""
        words = shlex.split(COMPOSE["services"][service].get("command", "")) or image_command()
        return self.localise(words)

    def localise(self, words: list[str]) -> list[str]:
        program, *arguments = words
        ours = {"0.0.0.0:8000": f"127.0.0.1:{self.port}", "/tmp/celerybeat": str(self.data / "beat")}
        arguments = [ours.get(word, word) for word in arguments]
        return [sys.executable, *PROGRAMS[program], *arguments]

    def run(self, *words: str, **environment: str) -> str:
        """What a command prints; it has to succeed."""
        ran = self.try_out(*words, **environment)
        assert ran.returncode == 0, f"{words}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def try_out(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.localise(list(words)),
            cwd=PROJECT,
            env=self._env(**environment),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def run_service(self, service: str) -> None:
        """One that ends by itself."""
        words = shlex.split(COMPOSE["services"][service]["command"])
        self.run(*words)

    @contextmanager
    def serving(self, service: str, **environment: str) -> "Iterator[subprocess.Popen[bytes]]":
        """While the service runs."""
        log = self.data / f"{service}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self.command(service), cwd=PROJECT, env=self._env(**environment), stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=60)
            print(f"-- {service}\n{log.read_text(errors='replace')[-4000:]}")
