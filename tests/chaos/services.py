"""A PostgreSQL, a MariaDB and a Redis of the storm's own, on ports of their own: never the machine's."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether ``condition`` came true in time."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(pause)
    return condition()


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str) -> str:
    """Debian keeps PostgreSQL's programs off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is missing: apt install postgresql redis-server")
    return path


def _as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def ending_with_us(command: Sequence[str]) -> list[str]:
    """The command of a server that gets SIGTERM when the process that starts it is killed, where Linux' setpriv is."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)


# Waits for a line. Where the pipe ends without one, whoever held its other end was killed.
_WATCH = 'read -r done || { "$0" -D "$1" -m immediate -w stop; rm -rf "$2"; }'


class Postgres:
    """A cluster in a temporary directory. It goes with the process that started it, however that ends."""

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="storm-pg-"))
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        if os.geteuid() == 0:
            os.chown(self.directory, pwd.getpwnam("postgres").pw_uid, -1)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [program(command[0]), *command[1:]],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **_as_postgres(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode()}")

    def __enter__(self) -> "Postgres":
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        watch = ["/bin/sh", "-c", _WATCH, program("pg_ctl"), str(self.data), str(self.directory)]
        self._watcher = subprocess.Popen(
            watch, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, **_as_postgres(),
        )  # fmt: skip
        self.start()
        return self

    @property
    def data(self) -> Path:
        """Where it keeps its files."""
        return self.directory / "data"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.directory} -c max_connections=200"
        log = str(self.directory / "log")
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", log, "-w", "-t", "60", "start")

    def crash(self) -> None:
        """Stop without a checkpoint, as a power cut would; then recover."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        self.start()

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):
            self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        self._watcher.communicate(b"done\n")
        shutil.rmtree(self.directory, ignore_errors=True)


class MariaDB:
    """A server with a data directory of its own, as Debian configures it: REPEATABLE READ, utf8mb4_general_ci."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="storm-mariadb-"))
        self.url = f"mysql://root@127.0.0.1:{self.port}/storm?isolation_level=repeatable%20read"
        self._user = [f"--user={'mysql' if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name}"]
        if os.geteuid() == 0:
            os.chown(self.directory, pwd.getpwnam("mysql").pw_uid, -1)

    def __enter__(self) -> "MariaDB":
        install = ["mariadb-install-db", "--no-defaults", *self._user, f"--datadir={self.directory / 'data'}"]
        install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        self.start()
        client = ["mariadb", "--no-defaults", "--protocol=tcp", "-h", "127.0.0.1", "-P", str(self.port)]
        create = "CREATE DATABASE storm CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        subprocess.run([*client, "-u", "root", "-e", create], check=True)
        return self

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", *self._user]
        command += [f"--datadir={self.directory / 'data'}", f"--socket={self.directory / 'socket'}"]
        command += [
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--default-time-zone=+08:00",
            *self._options,
        ]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(ending_with_us(command), stdout=log, stderr=log, cwd="/")
        assert wait_until(lambda: listens(self.port), 60)

    def crash(self) -> None:
        """SIGKILL, as a power cut would be; then recover."""
        self._process.kill()
        self._process.wait()
        self.start()

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Redis:
    """A server that keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "Redis":
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(
            ending_with_us([*command, "--save", "", "--appendonly", "no"]),
            stdout=subprocess.DEVNULL,
            cwd="/tmp",
        )
        assert wait_until(lambda: listens(self.port), 10)
        return self

    def flush(self) -> None:
        """FLUSHALL."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(100)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


class Group:
    """Processes that are started together and killed together."""

    def __init__(self, *commands: list[str], env: dict[str, str], log: Path) -> None:
        self._commands, self._env, self._log = commands, env, log
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """All of them, each the leader of a process group."""
        with self._log.open("ab") as log:
            self._running = [
                subprocess.Popen(
                    command, env=self._env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                )
                for command in self._commands
            ]

    def kill(self) -> None:
        """SIGKILL, children included."""
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in self._running:
            process.wait()
        self._running = []


@contextlib.contextmanager
def sink_process(journal: Path, *options: str) -> Iterator[str]:
    """The merchants' server in a process of its own; its origin."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("sink.py")), str(port), str(journal), *options]
    process = subprocess.Popen(command)
    try:
        assert wait_until(lambda: listens(port), 10)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
