"""The services of compose.yaml take a payment; without the worker the readiness page and the doctor say so."""

import json
import re
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from cryptography.fernet import Fernet
from django.conf import settings

from scanforpay_django.client import Client
from tests.deploy.composed import COMPOSE, DOCKERFILE, Composed, build_steps, image_command
from tests.hosts.server import free_port
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

SET_UP = """
import json
from io import StringIO
from django.core.management import call_command
from scanforpay_django.models import Partner, SignKey, Store, WalletAccount
partner = Partner.objects.create(partner_no="10001", name="Tea house")
key = SignKey(partner=partner)
key.set_secret(SECRET)
key.save()
store = Store.objects.create(partner=partner, store_no="100010000000002", name="Tea house")
out = StringIO()
call_command("sandbox_account", "Wechat", stdout=out)
issued = json.loads(out.getvalue())
account = WalletAccount(store=store, wallet="Wechat", environment="local_sandbox", config=issued["config"])
account.set_secrets(issued["secrets"])
account.save()
"""
LOOPBACK = "127.0.0.0/8,::1/128"


@pytest.fixture
def database_url() -> Iterator[str]:
    """A new database at the server of the tests' own."""
    place = settings.DATABASES["default"]
    name = f"deploy_{uuid.uuid4().hex[:12]}"
    given = {"host": place["HOST"], "port": place["PORT"] or 5432, "user": place["USER"]}
    password = place["PASSWORD"] or ""
    with psycopg.connect(dbname="postgres", password=password, autocommit=True, **given) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{given['user']}:{password}@{given['host']}:{given['port']}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def composed(database_url: str, tmp_path: Path) -> Composed:
    port = free_port()
    return Composed(
        database_url=database_url,
        port=port,
        data=tmp_path,
        environment={
            "BASE_URL": f"http://localhost:{port}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "METRICS_TOKEN": "the-token",
            "SANDBOX": "1",
            "OUTBOUND_ALLOW": LOOPBACK,
        },
    )


def is_up(composed: Composed) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{composed.port}/healthz", timeout=20).ok
    except requests.RequestException:
        return False


def checks(composed: Composed) -> dict[str, Any]:
    answer = requests.get(f"http://127.0.0.1:{composed.port}/readyz", timeout=30)
    return {"status": answer.status_code, **answer.json()["checks"]}


@pytest.mark.slow
@pytest.mark.postgres
def test_the_services_take_a_payment(composed: Composed, zoo: Zoo) -> None:
    key = "the-sign-key-of-this-test"
    for given, command in build_steps():
        composed.run(*command, **given)
    composed.run_service("migrate")
    composed.run("python", "manage.py", "shell", "-c", f"SECRET = {key!r}\n{SET_UP}")
    with composed.serving("web"):
        wait_for(lambda: is_up(composed), 90)
        assert checks(composed)["workers"] == "problem"
        with composed.serving("worker") as worker:
            wait_for(lambda: checks(composed)["status"] == 200, 60)
            client = Client(f"http://localhost:{composed.port}/api/", "10001", key)
            created = client.create_order(
                store_no="100010000000002",
                partner_order_no="p1",
                wallet="Wechat",
                amount=2100,
                notify_url=zoo.answering(b"success") + "/notify",
            )
            composed.run("python", "manage.py", "sandbox_pay", created.pay_url, "--as", "wechat")
            wait_for(zoo.bodies, 60)
            assert client.read_notification(zoo.bodies()[0]).partner_order_no == "p1"
            assert client.query_order(partner_order_no="p1").is_paid
            worker.kill()
            worker.wait()
        composed.run("python", "manage.py", "sandbox_clock", "+60s")
        try:
            assert checks(composed) == {
                "status": 503,
                "database": "ok",
                "migrations": "ok",
                "workers": "problem",
                "queue": "ok",
            }
            examined = composed.try_out("python", "manage.py", "scanforpay_doctor")
        finally:
            composed.run("python", "manage.py", "sandbox_clock", "--reset")
        assert examined.returncode == 1
        assert "PROBLEM workers: No worker is alive" in examined.stdout
        assert "Start manage.py scanforpay_worker" in examined.stdout
        staff = requests.get(f"http://127.0.0.1:{composed.port}/admin/login/", timeout=30)
        style = re.search(r'href="(/static/admin/css/base[^"]+)"', staff.text)
        assert style
        assert requests.get(f"http://127.0.0.1:{composed.port}{style[1]}", timeout=30).ok


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_celery_does_the_same(composed: Composed) -> None:
    redis = {"REDIS_URL": "redis://127.0.0.1:6379/13"}
    composed.run_service("migrate")
    for given, command in build_steps():
        composed.run(*command, **given)
    with composed.serving("web", **redis), composed.serving("celery", **redis):
        wait_for(lambda: is_up(composed), 90)
        wait_for(lambda: checks(composed)["status"] == 200, 90)
        metrics = f"http://127.0.0.1:{composed.port}/metrics"
        answer = requests.get(metrics, headers={"Authorization": "Bearer the-token"}, timeout=30)
        assert 'kind="celery"' in answer.text


@pytest.mark.slow
@pytest.mark.postgres
def test_the_settings_are_those_of_production(composed: Composed) -> None:
    live = {
        "BASE_URL": "https://pay.example.com",
        "SANDBOX": "0",
        "OUTBOUND_ALLOW": "",
        "TRUSTED_PROXIES": "1",
        "HSTS_SECONDS": "31536000",
    }
    composed.run_service("migrate")
    found = composed.try_out(
        "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default", **live
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("name", ["SECRET_KEY", "BASE_URL", "DATABASE_URL"])
def test_what_is_missing_is_named(composed: Composed, name: str) -> None:
    refused = composed.try_out("python", "manage.py", "check", **{name: ""})
    assert refused.returncode == 1
    assert f"{name} is not set: deploy/env.example" in refused.stderr


@pytest.mark.sqlite
def test_every_command_is_one_that_there_is() -> None:
    commands = {
        name: service.get("command", " ".join(image_command()))
        for name, service in COMPOSE["services"].items()
        if "build" in service
    }
    assert set(commands) == {"web", "worker", "migrate", "celery"}
    assert commands["worker"] == "python manage.py scanforpay_worker"
    assert commands["celery"].startswith("celery -A payments worker --beat")
    assert all(one.startswith(("python manage.py", "gunicorn", "celery")) for one in commands.values())


@pytest.mark.sqlite
def test_the_image_is_small_and_is_not_root() -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS \w+)?$", DOCKERFILE, re.MULTILINE)
    assert stages == ["python:3.13-slim"] * 2
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)
    assert "VOLUME /var/lib/payments" in DOCKERFILE


@pytest.mark.sqlite
def test_redis_and_celery_are_a_profile() -> None:
    profiles = {name: one.get("profiles") for name, one in COMPOSE["services"].items()}
    assert {name for name, value in profiles.items() if value} == {"redis", "celery"}


@pytest.mark.sqlite
def test_no_secret_stands_in_a_file() -> None:
    text = json.dumps(COMPOSE)
    assert "${POSTGRES_PASSWORD:?}" in text
    given = set(re.findall(r"postgres://\w+:([^@]+)@", text))
    assert given == {"${POSTGRES_PASSWORD:?}"}
