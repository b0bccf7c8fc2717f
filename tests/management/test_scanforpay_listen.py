"""The command scanforpay_listen."""

import signal
import subprocess
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from scanforpay_django.models import Notification
from tests import worker_process
from tests.rows import SECRET, Rows
from tests.sandbox_orders import paid_notification
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
LISTEN = """
from django.core.management import call_command
call_command("scanforpay_listen", *sys.argv[2:])
"""


class Shell(StringIO):
    """What is printed; ``was_ready`` is set with the first line."""

    def __init__(self) -> None:
        super().__init__()
        self.was_ready = threading.Event()

    def write(self, text: str) -> int:
        self.was_ready.set()
        return super().write(text)


def listen(*arguments: str) -> tuple[str, int]:
    """What was printed, and the exit status."""
    out = StringIO()
    try:
        call_command("scanforpay_listen", *arguments, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    return out.getvalue(), 0


def listen_while_paid(rows: Rows, *arguments: str) -> tuple[str, int, Notification]:
    """The same, and the order that was paid as soon as it listened."""
    shell, made, status = Shell(), [], 0

    def pay() -> None:
        shell.was_ready.wait(30)
        made.append(paid_notification(rows, "https://shop.example/n"))
        connection.close()

    payer = threading.Thread(target=pay)
    payer.start()
    try:
        call_command("scanforpay_listen", *arguments, stdout=shell)
    except SystemExit as ended:
        status = int(str(ended.code))
    payer.join()
    return shell.getvalue(), status, made[0]


@pytest.mark.parametrize(("answer", "status"), [(b"success", 0), (b"no", 1)])
def test_a_new_one_is_printed_and_forwarded(rows: Rows, zoo: Zoo, answer: bytes, status: int) -> None:
    url = zoo.answering(answer) + "/notify"
    printed, ended, made = listen_while_paid(rows, "--forward-to", url, "--once", "--wait", "60")
    assert ended == status
    assert f"Listening for sandbox orders, forwarding to {url}." in printed
    assert f"paid  {made.message_id}  order {made.order.order_no}" in printed
    assert "CNY 21.00" in printed
    assert ("acknowledged, " in printed) is (status == 0)
    assert ("HTTP 200, the answer is not “success”, " in printed) is (status == 1)
    made.refresh_from_db()
    assert (made.state, made.attempt_count) == (Notification.State.PENDING, 0)


def test_without_an_address_it_is_printed(rows: Rows) -> None:
    printed, ended, made = listen_while_paid(rows, "--once", "--wait", "60", "--show-body")
    assert ended == 0
    assert made.content in printed
    assert "->" not in printed


def test_nothing_came(rows: Rows) -> None:
    paid_notification(rows, "https://shop.example/n")
    printed, ended = listen("--wait", "0")
    assert ended == 1
    assert printed == "Listening for sandbox orders.\n"


def test_a_past_one_is_sent_again(rows: Rows, zoo: Zoo) -> None:
    first, second = (paid_notification(rows, "https://shop.example/n") for _ in range(2))
    url = zoo.answering(b"success", b"no")
    replay = ("--replay", first.message_id, "--replay", second.order.partner_order_no)
    printed, ended = listen("--forward-to", url, *replay)
    assert ended == 1
    assert printed.count("->") == 2
    assert [
        first.order.order_no.encode() in zoo.bodies()[0],
        second.order.order_no.encode() in zoo.bodies()[1],
    ]
    assert listen("--forward-to", zoo.answering(b"success"), "--replay", first.order.order_no)[1] == 0
    assert SECRET not in printed
    assert Notification.objects.filter(state=Notification.State.PENDING, attempt_count=0).count() == 2


def test_a_real_order_is_refused(rows: Rows, zoo: Zoo) -> None:
    live = paid_notification(rows, "https://shop.example/n", environment="production")
    with pytest.raises(CommandError, match="is not a sandbox order"):
        listen("--forward-to", zoo.answering(b"success"), "--replay", live.message_id)
    assert zoo.requests == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--partner", "nobody"], "There is no partner nobody"),
        (["--replay", "p1"], "Give --forward-to"),
        (["--forward-to", "a b"], "is no address"),
        (["--forward-to", "localhost:1", "--replay", "p1"], "There is no notification p1"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        listen(*arguments)


def test_it_ends_with_ctrl_c(rows: Rows, zoo: Zoo, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = worker_process.start(
            LISTEN, "--forward-to", zoo.answering(b"success"), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: "Listening" in log.read_text(), 60)
        made = paid_notification(rows, "https://shop.example/n")
        wait_for(lambda: "acknowledged" in log.read_text(), 60)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
    assert made.message_id in log.read_text()
