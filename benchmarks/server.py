"""gunicorn, with workers that keep their connections."""

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.processes import children, processor_seconds, sockets
from tests.chaos.services import ROOT, ending_with_us, free_port, listens, wait_until


@dataclass(frozen=True, kw_only=True)
class Server:
    """One gunicorn."""

    port: int
    pid: int

    def spent(self) -> dict[int, float]:
        """Processor seconds of each worker so far, by its process number."""
        return {pid: processor_seconds(pid) for pid in children(self.pid)}

    def connect(self, number: int) -> list[socket.socket]:
        """So many connections, spread over the workers: one that is quick to accept would take them all, and serve them
        alone as long as they are kept. So the others stand still (SIGSTOP) while it takes its share.
        """
        workers = children(self.pid)
        shares = [number // len(workers) + (at < number % len(workers)) for at in range(len(workers))]
        found: list[socket.socket] = []
        for worker, share in zip(workers, shares, strict=True):
            others = [pid for pid in workers if pid != worker]
            try:
                _send(others, signal.SIGSTOP)
                found += self._connect_to(worker, share)
            finally:
                _send(others, signal.SIGCONT)
        return found

    def _connect_to(self, worker: int, number: int) -> list[socket.socket]:
        # By their names: it may have some of the last run to close yet, and their number would not rise.
        before = sockets(worker)
        made = [socket.create_connection(("127.0.0.1", self.port), timeout=60) for _ in range(number)]
        for connection in made:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not wait_until(lambda: len(sockets(worker) - before) >= number, 30, pause=0.005):
            raise SystemExit("a worker of gunicorn does not accept connections")
        return made


def _send(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def serve(stack: ExitStack, python: str, env: dict[str, str], *, workers: int = 2) -> Server:
    """Start one; it ends with the stack."""
    port = free_port()
    command = [python, "-m", "gunicorn", "benchmarks.shops.wsgi", "--workers", str(workers)]
    # A worker of kind "sync" closes the connection after every answer.
    command += ["--worker-class", "gthread", "--threads", "1", "--keep-alive", "60"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    process = subprocess.Popen(ending_with_us(command), cwd=ROOT, env=env)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert wait_until(lambda: listens(port) and len(children(process.pid)) == workers, 30)
    return Server(port=port, pid=process.pid)
