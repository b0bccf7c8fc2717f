"""An empty folder with an environment of its own, in which the commands of a page are typed."""

import os
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.compared.recipe import Block
from tests.chaos.services import free_port, listens, wait_until

# All three name this Django as supported.
VERSIONS = "django>=6.0,<6.1\ndjango-payments==4.1.0\ndjango-getpaid==3.2.0\npython-getpaid-core==3.2.0\n"
# Strikes once, right before the shop's row is written as paid; notes each time that such a row is committed.
FAULTS = """
import os
from pathlib import Path

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save, pre_save

FAULT, WRITTEN = Path("fault"), Path("written")


def marks_paid(sender, instance):
    return sender._meta.app_label == "shop" and getattr(instance, "paid", False) is True


def strike(sender, instance, **kwargs):
    if marks_paid(sender, instance) and FAULT.exists():
        fault = FAULT.read_text()
        FAULT.unlink()
        if fault == "die":
            os._exit(9)
        raise RuntimeError("the receiver fails once")


def note(sender, instance, **kwargs):
    if marks_paid(sender, instance):
        transaction.on_commit(lambda: WRITTEN.open("a").write("x"))


class Faults(AppConfig):
    name = "faults"

    def ready(self):
        pre_save.connect(strike)
        post_save.connect(note)
"""


class Place:
    """A shop that comes to be."""

    def __init__(self, folder: Path, python: str, *, instead: dict[str, str] | None = None) -> None:
        self.folder = folder / "project"
        self.folder.mkdir(parents=True)
        self.site = folder / "venv"
        self.port = free_port()
        self.instead = instead or {}
        self.server: subprocess.Popen[bytes] | None = None
        subprocess.run([python, "-m", "venv", str(self.site)], check=True)
        (folder / "versions").write_text(VERSIONS)
        self.env = {
            **os.environ,
            "PATH": f"{self.site / 'bin'}:{os.environ['PATH']}",
            "PIP_CONSTRAINT": str(folder / "versions"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        self.env.pop("DJANGO_SETTINGS_MODULE", None)
        self.env.pop("PYTHONPATH", None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tried(self, line: str) -> subprocess.CompletedProcess[str]:
        """A command, whatever it answers."""
        return subprocess.run(
            line, check=False, shell=True, cwd=self.folder, env=self.env,
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    def run(self, line: str) -> str:
        """A command that must work; what it printed."""
        ran = self.tried(self.instead.get(line, line))
        if ran.returncode:
            raise RuntimeError(f"{line}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def follow(self, told: list[Block]) -> str:
        """Type and write what the page says; what the last command printed."""
        printed = ""
        for block in told:
            if block.kind != "sh":
                self.write(block.file, block.text)
                continue
            for line in block.lines:
                if line.endswith(" runserver"):
                    self.serve()
                else:
                    printed = self.run(line)
        return printed

    def write(self, file: str, text: str) -> None:
        """At the end of the file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as opened:
            opened.write(text)

    def serve(self) -> None:
        """Start the server, or start it again."""
        self.stop()
        python = str(self.site / "bin" / "python")
        with (self.folder / "server.log").open("a") as log:
            self.server = subprocess.Popen(
                [python, "manage.py", "runserver", f"127.0.0.1:{self.port}", "--noreload"],
                cwd=self.folder, env=self.env, stdout=log, stderr=log,
            )  # fmt: skip
        if not wait_until(lambda: listens(self.port), 60):
            raise RuntimeError("the server did not start")

    def serve_if_dead(self) -> None:
        time.sleep(0.3)
        if self.server is None or self.server.poll() is not None:
            self.serve()

    def stop(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    def with_the_shop(self, told: list[Block]) -> None:
        """The shop's own order, and what makes its trouble."""
        self.stop()
        self.follow([block for block in told if block.later])
        self.write("faults/__init__.py", "")
        self.write("faults/apps.py", FAULTS)
        self.write("shop/settings.py", '\nINSTALLED_APPS += ["faults"]\n')
        self.run("python manage.py makemigrations shop")
        self.run("python manage.py migrate")
        self.serve()

    def trouble(self, fault: str) -> None:
        """Meets the next receiver that marks the shop's order as paid."""
        (self.folder / "fault").write_text(fault)

    def row(self, statement: str, *values: Any) -> Any:
        """The first column of the first row."""
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=20) as database:
            found = database.execute(statement, values).fetchone()
        database.close()
        return found[0] if found else None

    def write_row(self, statement: str, *values: Any) -> None:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=20) as database:
            database.execute(statement, values)
        database.close()

    def written(self) -> int:
        """How often a shop's order was committed as paid."""
        path = self.folder / "written"
        return len(path.read_text()) if path.exists() else 0
