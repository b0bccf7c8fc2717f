"""``manage.py demo``: a shop, the pay pages, the API, admin and sandbox in one process, nothing else needed."""

import logging
import signal
import socket
import threading
import webbrowser
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import ThreadedWSGIServer, get_internal_wsgi_application
from django.db import connection

from demo_project.history import write_history
from demo_project.shop.credentials import PARTNER_NO, SIGN_KEY, STORE_NO
from scanforpay_django.models import Partner, SignKey, Store, WalletAccount
from scanforpay_django.operations.worker import periodic_jobs, run_worker
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from scanforpay_django.sandbox.server import RawLineHandler

LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0", "::", "")  # noqa: S104


class Command(BaseCommand):
    """Seed once, then serve until Ctrl-C."""

    # They speak of production; ``manage.py check`` still tells them.
    requires_system_checks = []
    help = "Run the demo: a shop, a pay page, a paid order and a notified merchant, in a browser, without any account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and what to begin with."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
        parser.add_argument(
            "--history",
            action="store_true",
            help="begin with orders of the last 90 days; without it with those of the last week",
        )
        parser.add_argument("--reset", action="store_true", help="forget everything and begin anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, seed, serve."""
        host, port = options["host"], options["port"]
        self._check_port(host, port)
        root = f"http://{'127.0.0.1' if host in LOOPBACK else host}:{port}"
        settings.SCANFORPAY_BASE_URL = root
        # The toy shop is notified on this very server; a real project refuses that.
        settings.SCANFORPAY_OUTBOUND_ALLOW = [*settings.SCANFORPAY_OUTBOUND_ALLOW, root]
        if options["reset"]:
            self._reset()
        call_command("migrate", interactive=False, verbosity=0)
        seed()
        write_history(90 if options["history"] else 7)
        self._serve(host, port, root, open_browser=not options["no_browser"])

    @staticmethod
    def _check_port(host: str, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host or "127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    f"Cannot listen on {host}:{port} ({error.strerror}). Try another --port."
                ) from None

    @staticmethod
    def _reset() -> None:
        if connection.vendor == "sqlite":
            connection.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{settings.DATABASES['default']['NAME']}{suffix}").unlink(missing_ok=True)
        else:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("flush", interactive=False, verbosity=0)

    def _serve(self, host: str, port: int, root: str, *, open_browser: bool) -> None:
        server = ThreadedWSGIServer((host, port), RawLineHandler)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(get_internal_wsgi_application()))
        # Only now: making the application has set the logging up anew.
        logging.getLogger("django.server").setLevel(logging.ERROR)
        stop = threading.Event()
        worker = threading.Thread(
            target=run_worker,
            args=(stop,),
            kwargs={"sweep_seconds": 0.5, "jobs": periodic_jobs()},
            name="worker",
        )
        worker.start()
        signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        self.stdout.write(welcome(root, server.server_address[1]))
        self.stdout.flush()
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [root]).start()
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            stop.set()
            server.server_close()
            worker.join(timeout=20)
        self.stdout.write("Stopped.")


def welcome(root: str, port: int) -> str:
    """The addresses and the merchant's credentials."""
    platforms = " and ".join(f"http://{name}:{port}" for name in ("wechat.localhost", "alipay.localhost"))
    return f"""
The shop       {root}/
The API        {root}/api/jspay/create
Admin          {root}/admin/          (demo / demo)
The sandbox    {root}/sandbox/
               and, for other clients, {platforms}

partnerNo      {PARTNER_NO}
storeNo        {STORE_NO}
sign key       {SIGN_KEY}
notifyUrl      {root}/shop/notify     (the toy shop's, for orders of your own)

Ctrl-C stops it.
"""


def seed() -> None:
    """What the demo begins with; what is there already stays."""
    user_model = get_user_model()
    if not user_model.objects.filter(username="demo").exists():
        user_model.objects.create_superuser("demo", "demo@example.com", "demo")
    partner, _made = Partner.objects.get_or_create(
        partner_no=PARTNER_NO, defaults={"name": "山茶小铺 Camellia Tea", "test_mode": True}
    )
    if not partner.sign_keys.exists():
        key = SignKey(partner=partner, name="demo")
        key.set_secret(SIGN_KEY)
        key.save()
    store, _made = Store.objects.get_or_create(
        store_no=STORE_NO,
        defaults={"partner": partner, "name": "山茶小铺", "name_en": "Camellia Tea", "currency": "CNY"},
    )
    for wallet, issue in (("Wechat", issue_wechat_credentials), ("Alipay", issue_alipay_credentials)):
        if not store.wallet_accounts.filter(wallet=wallet).exists():
            account = WalletAccount(store=store, wallet=wallet, name="sandbox", environment="local_sandbox")
            account.config, secrets = issue()
            account.set_secrets(secrets)
            account.save()
