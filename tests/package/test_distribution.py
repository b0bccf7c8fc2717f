"""What goes to a package index: both archives are accepted there, and the source archive runs its own tests."""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
#: a part of each kind: about one module, about the layout, with a database, and a page over HTTP
TESTS = [
    "tests/package/test_contributing.py",
    "tests/package/test_layout.py",
    "tests/package/test_public_api.py",
    "tests/flows/test_close_order.py",
    "tests/cashier/test_page.py",
]


def run(*command: object, **options: object) -> str:
    ran = subprocess.run([str(one) for one in command], capture_output=True, text=True, **options)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is released: the source archive from the checkout, the wheel from the source archive."""
    place = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", place, ROOT)
    return place


@pytest.fixture(scope="module")
def metadata(dist: Path) -> Message:
    (wheel,) = dist.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(archive.read(name).decode())


def test_both_archives_bring_what_pages_are_made_of(dist: Path) -> None:
    """Templates, catalogues and the staff desk's style sheet are no modules."""
    (wheel,), (source,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    with tarfile.open(source) as file:
        names = [name.partition("/")[2] for name in file.getnames()]
    kinds = {".html", ".css", ".js", ".mo", ".svg"}
    package = ROOT / "scanforpay_django"
    ours = {str(path.relative_to(ROOT)) for path in package.rglob("*") if path.suffix in kinds}
    assert "scanforpay_django/static/scanforpay/desk.css" in ours
    assert ours - set(names) == set()
    assert ours - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_both_archives_are_accepted(dist: Path) -> None:
    assert len(list(dist.iterdir())) == 2
    told = run(sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir())
    assert told.count("PASSED") == 2


def test_every_link_of_the_long_description_is_absolute(metadata: Message) -> None:
    links = re.findall(r"\]\(([^)]+)\)", metadata.get_payload())
    source = PROJECT["project"]["urls"]["Source"]
    assert len(links) >= 15
    assert [link for link in links if not link.startswith("https://")] == []
    # What is linked is in the repository.
    paths = [link.removeprefix(f"{source}/") for link in links if link.startswith(source)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_addresses_are_those_of_one_repository(metadata: Message) -> None:
    urls = PROJECT["project"]["urls"]
    assert metadata.get_all("Project-URL") == [f"{name}, {url}" for name, url in urls.items()]
    assert [url for url in urls.values() if not url.startswith(urls["Source"])] == []


def test_requirements_have_no_upper_bounds(metadata: Message) -> None:
    """None is known to break; a bound that is added says what breaks, and is named here."""
    bounded = [
        need for need in metadata.get_all("Requires-Dist") if re.search(r"<|==|~=", need.split(";")[0])
    ]
    assert bounded == []


def test_the_wheel_is_the_same_whoever_builds_it(dist: Path, tmp_path: Path) -> None:
    """From two copies whose files are of other days and were made under another umask."""
    (archive,) = dist.glob("*.tar.gz")
    hashes = []
    for number, (moment, mode) in enumerate([(1_600_000_000, 0o644), (1_700_000_000, 0o664)]):
        with tarfile.open(archive) as file:
            file.extractall(tmp_path / str(number), filter="data")
        (root,) = (tmp_path / str(number)).iterdir()
        for path in (one for one in root.rglob("*") if one.is_file()):
            path.chmod(mode)
            os.utime(path, (moment, moment))
        env = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}
        run(sys.executable, "-m", "build", "--wheel", "--outdir", root / "out", root, env=env)
        (wheel,) = (root / "out").iterdir()
        hashes.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
        assert {one.date_time[0] for one in zipfile.ZipFile(wheel).infolist()} == {2026}
    assert hashes[0] == hashes[1]


def test_the_source_archive_runs_its_own_tests(dist: Path, tmp_path: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    (root,) = tmp_path.iterdir()
    assert (root / "docs" / "set-up.md").exists()
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env = {**own, "PYTHONPATH": str(root)}
    where = run(sys.executable, "-c", "import scanforpay_django as it; print(it.__file__)", cwd=root, env=env)
    assert where.startswith(str(root))
    told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, cwd=root, env=env)
    assert re.search(r"^\d\d+ passed", told, re.MULTILINE), told
