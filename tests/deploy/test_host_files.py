"""nginx and systemd take the files of deploy/ as they are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from tests.hosts.server import free_port

pytestmark = pytest.mark.sqlite
DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("payments-web.service", "payments-worker.service")
#: where the service is on a host; here there is another Python
VENV = "/srv/payments/venv/bin/"


@pytest.mark.nginx
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("pay.example.com")
    issued.private_key_pem.write_to_path(tmp_path / "privkey.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "fullchain.pem")
    ours = (DEPLOY / "nginx.conf").read_text()
    ours, moved = re.subn(r"/etc/letsencrypt/live/pay\.example\.com", str(tmp_path), ours)
    assert moved == 2
    # nginx binds what it tries out, and not every machine has IPv6.
    ours = re.sub(r"^    listen \[::\].*\n", "", ours, flags=re.MULTILINE)
    ours, moved = re.subn(r"listen (?:80|443)\b", lambda _: f"listen 127.0.0.1:{free_port()}", ours)
    assert moved == 2
    file = tmp_path / "nginx.conf"
    ours, moved = re.subn("/var/log/nginx/", f"{tmp_path}/", ours)
    assert moved == 1
    # Its own folders are root's.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    head = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
    file.write_text(f"{head}http {{\n{folders}{ours}\n}}\n")
    tried = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(file)], capture_output=True, text=True, timeout=30
    )
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr


@pytest.mark.systemd
def test_systemd_takes_its_units(tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text()
        assert f"# /etc/systemd/system/{name}\n" in text
        assert VENV in text
        (tmp_path / name).write_text(re.sub(rf"{VENV}\w+", sys.executable, text))
    tried = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    own = [line for line in tried.stderr.splitlines() if "payments-" in line]
    assert (tried.returncode, own) == (0, [])


def test_the_units_start_what_the_image_starts() -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text()
        assert "User=payments\n" in text
        assert "EnvironmentFile=/etc/payments.env\n" in text
        assert "NoNewPrivileges=yes\n" in text
    assert "manage.py scanforpay_worker\n" in (DEPLOY / UNITS[1]).read_text()
    assert "gunicorn payments.wsgi --bind 127.0.0.1:8000" in (DEPLOY / UNITS[0]).read_text()


def test_no_log_has_a_query() -> None:
    """There the platforms send sign-in codes back."""
    text = (DEPLOY / "nginx.conf").read_text()
    (form,) = re.findall(r"^log_format payments '(.*)';$", text, re.MULTILINE)
    assert "$uri" in form
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", form)
    assert re.findall(r"access_log .*", text) == ["access_log /var/log/nginx/payments.log payments;"]
    started = (DEPLOY / UNITS[0]).read_text() + (DEPLOY.parent / "Dockerfile").read_text()
    assert "access-log" not in started


def test_nginx_leads_to_the_unit_and_says_who_asked() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "server 127.0.0.1:8000;" in text
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text


def test_a_line_of_the_log_has_its_offset() -> None:
    """TIME_ZONE may differ between hosts."""
    wanted = {"SECRET_KEY": "x", "BASE_URL": "https://pay.example.com", "DATABASE_URL": "sqlite://"}
    script = "import django, logging; django.setup(); logging.getLogger('payments').warning('hello')"
    logged = subprocess.run(
        [sys.executable, "-c", script],
        cwd=DEPLOY / "project",
        env={
            **os.environ,
            **wanted,
            "DJANGO_SETTINGS_MODULE": "payments.settings",
            "TIME_ZONE": "Asia/Tokyo",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\+0900 WARNING payments: hello\n", logged.stderr), logged.stderr
