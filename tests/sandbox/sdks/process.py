"""A client's process: it runs the published package, and takes its calls as lines of JSON."""

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanforpay_django.sandbox.hosts import HOSTS
from tests.sandbox.sdks.cache import install
from tests.sandbox.sdks.table import HERE, Sdk

ANSWER_SECONDS = 30
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR")


class ClientError(Exception):
    """The client raised; the text is what it said."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a client gets from a platform's name to the sandbox."""

    # where the sandbox listens with TLS, on the loopback
    port: int
    # PEM file of the authority that vouches for it
    authority: str
    # TZ of the process
    zone: str = "Asia/Shanghai"


def environment(way: Way, home: Path) -> dict[str, str]:
    """Names of platforms lead to the loopback, in this process alone; no proxy comes between."""
    loopback = HERE / "loopback"
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "TZ": way.zone,
        "LOOPBACK_HOSTS": ",".join(HOSTS),
        "LOOPBACK_PORT": str(way.port),
        "SSL_CERT_FILE": way.authority,
        "REQUESTS_CA_BUNDLE": way.authority,
        "NODE_EXTRA_CA_CERTS": way.authority,
        "NODE_OPTIONS": f"--require {loopback / 'loopback.cjs'}",
        "NODE_PATH": str(home / "node_modules"),
        "PYTHONPATH": str(loopback),
        "PYTHONIOENCODING": "utf-8",
    }


class Client:
    """``client.call("query", ...)``: what the SDK made of the sandbox's answer. Raises ClientError."""

    def __init__(self, sdk: Sdk, way: Way, settings: dict[str, Any]) -> None:
        self.sdk = sdk
        home = install(sdk)
        program = "node" if sdk.is_node else str(home / "bin" / "python")
        self.process = subprocess.Popen(
            [program, str(HERE / "drivers" / sdk.driver)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(way, home),
            cwd=home,
        )
        self.call("start", **settings)

    def call(self, name: str, **given: Any) -> Any:
        """One call of the driver's; it ends the process when it takes too long."""
        timer = threading.Timer(ANSWER_SECONDS, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps({"call": name, "given": given}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise ClientError(f"{self.sdk.name} ended or took over {ANSWER_SECONDS} s in {name}")
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(f"{self.sdk.name}.{name}: {answer['error']}")
        return answer["answer"]

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait(10)
