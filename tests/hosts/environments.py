"""The environments that the projects share: made once, and kept in ~/.cache/scanforpay-hosts or HOSTS_CACHE."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import Parser
from pathlib import Path

from tests.hosts.host import Environment

CACHE = Path(os.environ.get("HOSTS_CACHE", "~/.cache/scanforpay-hosts")).expanduser()
#: what projects use beside us
BESIDE = [
    "daphne",
    "django-grappelli",
    "django-jazzmin",
    "django-unfold",
    "gunicorn",
    "psycopg[binary,pool]",
    "pymysql>=1.2",
    "uvicorn",
    "whitenoise",
]


class Unavailable(Exception):
    """A Python or the package index is not there: what to say of it."""


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """One process at a time makes ``place``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def requirements(wheel: Path) -> list[str]:
    """What the wheel says that it needs, without its extras."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    needs = Parser().parsestr(archive.read(name).decode()).get_all("Requires-Dist") or []
    return [need for need in needs if not re.search(r";.*\bextra\b", need)]


def find_python(version: str) -> str:
    """The interpreter. Raises Unavailable."""
    found = shutil.which(f"python{version}")
    # pyenv's shims are there for versions that are not chosen, too
    if found and subprocess.run([found, "-c", "import venv"], capture_output=True).returncode == 0:
        return found
    raise Unavailable(f"needs Python {version} on PATH as python{version}")


def make_environment(environment: Environment, wheel: Path) -> Path:
    """Its interpreter; all that the wheel needs is installed, and the wheel is not. Raises Unavailable."""
    wanted = [*requirements(wheel), *BESIDE, f"django>={environment.django},<{environment.next_django}"]
    digest = hashlib.sha256("\n".join([environment.python, *wanted]).encode()).hexdigest()[:16]
    place = CACHE / digest
    python = place / "bin" / "python"
    with locked(place):
        if (place / "complete").exists():
            return python
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([find_python(environment.python), "-m", "venv", place], check=True)
        ran = subprocess.run(
            [python, "-m", "pip", "install", "-q", "--no-compile", *wanted],
            capture_output=True,
            text=True,
            timeout=500,
        )
        if ran.returncode != 0:
            reason = ran.stderr.strip().rpartition("\n")[2]
            raise Unavailable(f"needs a package index for {environment.django}: {reason}")
        (place / "complete").touch()
    return python


def install_wheel(python: Path, wheel: Path, site: Path) -> None:
    """Into a directory of this run: the environment stays as it is for other runs."""
    with locked(site):
        if not site.exists():
            command = [python, "-m", "pip", "install", "-q", "--no-deps", "--target", site, wheel]
            subprocess.run(command, check=True, capture_output=True)
