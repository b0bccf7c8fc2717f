"""manage.py sandbox: the platforms on a server of their own."""

import ssl
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import get_internal_wsgi_application

from scanforpay_django.sandbox.gate import sandbox_is_allowed
from scanforpay_django.sandbox.hosts import HOSTS, LOCAL_NAMES, PLATFORMS
from scanforpay_django.sandbox.server import ServerPlan, make_server


class Command(BaseCommand):
    """Serves until Ctrl-C. The database is the project's: migrate it first."""

    help = (
        "Serve the sandbox at a port of its own, for clients that sign the platform's own paths. "
        "The platform is that of the Host header, or --platform."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8443, help="port to listen on (default 8443)")
        parser.add_argument(
            "--platform", choices=PLATFORMS, default="", help="play this one, whatever the Host header says"
        )
        parser.add_argument("--certificate", default="", help="PEM file: speak TLS with this certificate")
        parser.add_argument("--key", default="", help="PEM file of its private key, if it is in another file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen and serve. Raises CommandError where nothing can be served."""
        if not sandbox_is_allowed():
            raise CommandError(
                "The sandbox pays without money: it is not served where DEBUG and SCANFORPAY_SANDBOX_ALLOWED are off."
            )
        tls = _tls(options["certificate"], options["key"])
        plan = ServerPlan(host=options["host"], port=options["port"], platform=options["platform"], tls=tls)
        try:
            server = make_server(get_internal_wsgi_application(), plan)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {plan.host}:{plan.port} ({error.strerror}). Try another --port."
            ) from error
        self.stdout.write(_welcome(plan, server.server_address[1]))
        self.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
        finally:
            server.server_close()


def _tls(certificate: str, key: str) -> ssl.SSLContext | None:
    if not certificate:
        return None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        tls.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(f"This certificate and key cannot be used: {error}") from error
    return tls


def _welcome(plan: ServerPlan, port: int) -> str:
    scheme = "https" if plan.tls else "http"
    if plan.platform:
        return f"{plan.platform}: {scheme}://{plan.host}:{port}/\n\nCtrl-C stops it."
    own = "\n".join(f"{place:15} {scheme}://{name}:{port}/" for name, place in LOCAL_NAMES.items())
    return f"{own}\nand, where their names lead here: {', '.join(HOSTS)}\n\nCtrl-C stops it."
