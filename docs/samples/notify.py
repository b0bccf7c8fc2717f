"""A shop's notify view, Python without a framework. Copy scanforpay_django/client.py beside it as client.py, then:

    SCANFORPAY_KEY=... ORDERS=/tmp/orders PORT=3000 python notify.py

ORDERS is a folder with a file for each order, p1.json: {"amount":2100,"currency":"CNY","credited":0}. Your shop has
a table in their place, and in place of the lock one conditional statement:

    UPDATE orders SET paid_at = now() WHERE number = %s AND paid_at IS NULL

What follows from a payment (the goods, the mail) is done where that changed a row, and nowhere else.
"""

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from client import Client, RefundStatus, SignatureInvalid

LOCK = threading.Lock()
CLIENT = Client("https://pay.example.com/api/", "10001", os.environ["SCANFORPAY_KEY"])


def receive(raw: bytes, folder: Path) -> tuple[int, str]:
    """What the shop answers: an HTTP status and a text. Only "success" ends the repetitions."""
    try:
        told = CLIENT.read_notification(raw)
    except SignatureInvalid as error:
        return 400, str(error)
    number = told.partner_order_no
    # Letters, digits, - and _, as your numbers are: this one becomes a file's name.
    if not re.fullmatch(r"[A-Za-z0-9_-]+", number) or not (folder / f"{number}.json").is_file():
        return 404, "there is no such order"
    if isinstance(told, RefundStatus):
        # Record the refund here. It is no payment of the order.
        return 200, "success"
    file = folder / f"{number}.json"
    with LOCK:
        order = json.loads(file.read_text())
        if not told.is_paid or (told.amount, told.currency) != (order["amount"], order["currency"]):
            return 409, "this does not pay the order"
        if order["credited"] == 0:
            file.write_text(json.dumps({**order, "credited": 1}))
    return 200, "success"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, text = receive(raw, Path(os.environ["ORDERS"]))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet: the library's own lines have the whole request line in them."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Handler).serve_forever()
