"""The built wheel in an empty project: INSTALLED_APPS, one include() and migrate is all."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """
INSTALLED_APPS += ["rest_framework", "scanforpay_django"]
"""
URLS = """
from django.urls import include
urlpatterns += [path("api/", include("scanforpay_django.urls"))]
"""
PROGRAM = """
import json
from django.test import Client
from scanforpay_django.models import Partner, Store
client = Client(headers={"host": "localhost"})
answer = client.post("/api/jspay/create", b"{}", content_type="application/json")
assert json.loads(answer.content)["response"]["body"]["code"] == 6, answer.content
page = client.get("/api/jspay/pay/AAAAAAAAAAAAAAAAAAAAAA", headers={"accept-language": "zh-HK"})
assert page.status_code == 404 and "付款頁面不存在" in page.content.decode(), page.content
print("works")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout, with the build tools that are installed here."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_what_is_not_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "scanforpay_django/templates/scanforpay/bridge.html",
        "scanforpay_django/templates/scanforpay/page.js",
        "scanforpay_django/wallets/wechat/receipt.js",
        "scanforpay_django/locale/ja/LC_MESSAGES/django.mo",
        "scanforpay_django/templates/admin/scanforpay/sign_key_once.html",
        "scanforpay_django/locale/zh_Hans/LC_MESSAGES/django.mo",
        "scanforpay_django/locale/zh_Hant/LC_MESSAGES/django.mo",
        "scanforpay_django/migrations/0001_initial.py",
        "scanforpay_django/sandbox/migrations/0001_initial.py",
        "scanforpay_django/sandbox/injected/sheet.js",
        "scanforpay_django/py.typed",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("demo_project", "tests"))]


@pytest.mark.slow
def test_openapi_is_an_extra(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    lines = archive.read(name).decode().splitlines()
    needs = [line for line in lines if line.startswith("Requires-Dist: drf-spectacular")]
    assert all("; extra == " in line for line in needs)
    assert len([line for line in needs if line.endswith("; extra == 'openapi'")]) == 2


@pytest.mark.slow
def test_an_empty_project_needs_two_lines_and_migrate(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    # The checkout is not on the path: what runs is what the wheel carries.
    env = {
        **os.environ,
        "PYTHONPATH": str(site),
        "DJANGO_SETTINGS_MODULE": "empty.settings",
        "PYTHONWARNINGS": "error",
    }
    project = tmp_path / "project"
    project.mkdir()

    def run(*command: str) -> str:
        ran = subprocess.run([sys.executable, *command], cwd=project, env=env, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    env.pop("DJANGO_SETTINGS_MODULE")
    run("-m", "django", "startproject", "empty", ".")
    env["DJANGO_SETTINGS_MODULE"] = "empty.settings"
    with (project / "empty" / "settings.py").open("a") as settings:
        settings.write(SETTINGS)
    with (project / "empty" / "urls.py").open("a") as urls:
        urls.write(URLS)
    assert "scanforpay.W001" in run("manage.py", "check")
    run("manage.py", "migrate", "-v0")
    run("manage.py", "makemigrations", "--check")
    assert "works" in run("manage.py", "shell", "-v0", "-c", PROGRAM)
    deploy = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
    )
    for number in ("E001", "E003", "E004"):
        assert f"scanforpay.{number}" in deploy.stderr
    assert str(site) in run("-c", "import scanforpay_django; print(scanforpay_django.__file__)")
