"""The merchants' addresses: one server, an endpoint for each address of the loopback network."""

import json
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.chaos.services import ending_with_us, free_port, listens, wait_until

#: the end of names that are never resolved
HANGING_NAMES = ".hangs.test"


def origin(number: int, port: int, network: int = 0) -> str:
    """The ``number``-th endpoint, from 0, of 127.``network``.0.0/16; ``benchmarks.sink`` says how each one answers."""
    return f"http://127.{network}.{number // 250}.{number % 250 + 1}:{port}"


def origin_sql(number: str, port: int, network: int = 0) -> str:
    """The same as an SQL expression; ``number`` is an expression too."""
    return f"'http://127.{network}.' || FLOOR(({number}) / 250) || '.' || (({number}) % 250 + 1) || ':{port}'"


def hanging_name_sql(number: str) -> str:
    """An endpoint whose name is never resolved (``deaf_names``), as an SQL expression."""
    return f"'http://n' || ({number}) || '{HANGING_NAMES}'"


def sink(stack: ExitStack) -> int:
    """Start the merchants; their port."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("sink.py")), str(port)]
    process = subprocess.Popen(ending_with_us(command))
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert wait_until(lambda: listens(port), 10)
    return port


def ask_sink(port: int, path: str) -> dict[str, Any]:
    """What the sink's ``/report`` or ``/hang`` tells."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return dict(json.load(answer))
