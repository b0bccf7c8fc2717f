"""manage.py sandbox: one platform at a port of its own, for clients whose address can be set."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests
import trustme
from django.core.management import CommandError, call_command

from demo_project.settings import BASE_DIR


@contextmanager
def serving(tmp_path, *arguments):
    """The command in a process of its own, as a user starts it; its root address."""
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", *arguments]
    env = {**os.environ, "DEMO_DATABASE": str(tmp_path / "demo.sqlite3"), "PYTHONUNBUFFERED": "1"}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    # A shell that started the tests in its background ignores Ctrl-C for all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield re.search(r"https?://\S+", process.stdout.readline())[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def ask(root, **more):
    session = requests.Session()
    session.trust_env = False
    return session.get(root, timeout=20, **more)


def test_one_platform_is_at_the_root_of_its_port(tmp_path):
    with serving(tmp_path, "--platform", "alipay") as root:
        assert "error_response" in ask(f"{root}gateway.do").text
        assert ask(f"{root}v3/certificates").status_code == 404


def test_the_host_says_which_platform_with_tls(tmp_path):
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    file = tmp_path / "server.pem"
    made.private_key_and_cert_chain_pem.write_to_path(str(file))
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with serving(tmp_path, "--certificate", str(file)) as root:
        assert root.startswith("https://wechat.localhost:")
        here = root.replace("wechat.localhost", "localhost")
        host = {"Host": "api.mch.weixin.qq.com"}
        answer = ask(f"{here}v3/certificates", verify=str(tmp_path / "authority.pem"), headers=host)
        assert answer.json()["code"] in ("PARAM_ERROR", "SIGN_ERROR")


def test_it_does_not_serve_where_the_sandbox_is_not_allowed(settings):
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    with pytest.raises(CommandError, match="without money"):
        call_command("sandbox")


def test_a_certificate_that_is_none_is_told(tmp_path):
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("sandbox", certificate=str(tmp_path / "nothing.pem"))


def test_a_port_that_is_taken_is_told(listener):
    with pytest.raises(CommandError, match="Try another --port"):
        call_command("sandbox", port=listener.server.server_address[1])
