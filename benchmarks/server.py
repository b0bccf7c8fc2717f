"""gunicorn, with workers that keep their connections."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.processes import children, processor_seconds
from tests.chaos.services import ROOT, free_port, listens, wait_until


@dataclass(frozen=True, kw_only=True)
class Server:
    """One gunicorn."""

    port: int
    pid: int

    def spent(self) -> dict[int, float]:
        """Processor seconds of each worker so far, by its process number."""
        return {pid: processor_seconds(pid) for pid in children(self.pid)}


def serve(stack: ExitStack, python: str, env: dict[str, str], *, workers: int = 2) -> Server:
    """Start one; it ends with the stack."""
    port = free_port()
    command = [python, "-m", "gunicorn", "benchmarks.shops.wsgi", "--workers", str(workers)]
    # A worker of kind "sync" closes the connection after every answer.
    command += ["--worker-class", "gthread", "--threads", "1", "--keep-alive", "60"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert wait_until(lambda: listens(port) and len(children(process.pid)) == workers, 30)
    return Server(port=port, pid=process.pid)
