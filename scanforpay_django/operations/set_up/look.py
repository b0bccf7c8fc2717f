"""Looking at this project as its customers and platforms do: by its public address, over the network."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import (
    AddressForbidden,
    AnswerTooLarge,
    ConnectFailed,
    NoAnswer,
    TransportError,
)
from scanforpay_django.transport import HttpAnswer, HttpClient
from scanforpay_django.wallets.base import Wallet

TOTAL_SECONDS = 10.0
READ_SECONDS = 6.0
#: a verification file has under 100 bytes; what is larger is a page
MAX_BYTES = 65_536
_METHOD_NOT_ALLOWED = 405
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

NOT_HTTPS = gettext_noop(
    "It is reached, but not over https: platforms notify no other address, and phones warn."
)
HAS_PORT = gettext_noop("It is reached, but has a port: the platforms' forms take a bare host name.")
NOT_PUBLIC = gettext_noop(
    "From this server the name leads to an address that is not public. Platforms reach public addresses only."
)
NOT_CONNECTED = gettext_noop("No connection: %(reason)s")
NO_ANSWER = gettext_noop(
    "No answer within %(seconds)s seconds. A server with a single worker cannot answer itself: give it a second one."
)
REDIRECTED = gettext_noop(
    "It answers with a redirect to %(to)s: platforms follow none. Give the address that answers itself."
)
BAD_REQUEST = gettext_noop("It answers 400: is the host in ALLOWED_HOSTS?")
SOMEBODY_ELSE = gettext_noop(
    "It answers %(status)s, and not as this project does: another server, or a proxy that cuts the path."
)
REACHED = gettext_noop("Reached from the network, over https.")
NOTIFY_REACHED = gettext_noop("A message without a signature was refused there as it should be.")
NOTIFY_ALTERED = gettext_noop(
    "It answers %(status)s instead of refusing a message without a signature: a proxy, a firewall or a login stands "
    "before it."
)
FILE_UNNAMED = gettext_noop("Enter the file's name with the account's credentials.")
FILE_MISSING = gettext_noop("%(url)s answers %(status)s.")
FILE_IS_PAGE = gettext_noop("%(url)s answers with something else than the file: a page of the site?")
FILE_FOUND = gettext_noop("%(url)s was fetched: %(bytes)s bytes.")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a look came to. The text is marked for translation, and has the details as named parts."""

    text: str
    is_right: bool
    details: dict[str, str | int] = field(default_factory=dict)
    # nothing can be looked for yet
    is_unknown: bool = False


def look_at_address(notify_address: str) -> Sight:
    """Whether the base URL leads here: a GET of an address that only this project refuses as it does. Any account's
    notify address serves.
    """
    found = _ask("GET", notify_address)
    return found if isinstance(found, Sight) else judge_address(found, conf.base_url)


def judge_address(found: HttpAnswer, base_url: str) -> Sight:
    """What the answer to that GET is worth. Platforms want https on the scheme's own port."""
    if found.status != _METHOD_NOT_ALLOWED or "POST" not in found.headers.get("Allow", ""):
        return _describe_other(found, SOMEBODY_ELSE)
    parts = urlsplit(base_url)
    if parts.scheme != "https":
        return Sight(text=NOT_HTTPS, is_right=False)
    if parts.port not in (None, 443):
        return Sight(text=HAS_PORT, is_right=False)
    return Sight(text=REACHED, is_right=True)


def look_at_notify(notify_address: str, wallet: Wallet) -> Sight:
    """Whether a platform's message would reach us: one without a signature is sent, and has to be refused in the
    platform's own words. Nothing of it is stored.
    """
    found = _ask("POST", notify_address, b"{}")
    if isinstance(found, Sight):
        return found
    refusal = wallet.acknowledge(False)
    if (found.status, found.body) == (refusal.status, refusal.body):
        return Sight(text=NOTIFY_REACHED, is_right=True)
    return _describe_other(found, NOTIFY_ALTERED)


def look_for_file(name: str, backend: type[Wallet]) -> Sight:
    """Whether the platform's file is at the root of our domain, and holds what it should."""
    if not name:
        return Sight(text=FILE_UNNAMED, is_right=False, is_unknown=True)
    parts = urlsplit(conf.base_url)
    url = f"{parts.scheme}://{parts.netloc}/{name}"
    found = _ask("GET", url)
    if isinstance(found, Sight):
        return found
    if found.status != 200:
        return _describe_other(found, FILE_MISSING, url=url)
    wanted = conf.verification_files.get(name) or backend.domain_file_text(name)
    text = found.body.decode("utf-8", "replace").strip()
    if (wanted and text != wanted.strip()) or "<html" in text.lower():
        return Sight(text=FILE_IS_PAGE, is_right=False, details={"url": url})
    return Sight(text=FILE_FOUND, is_right=True, details={"url": url, "bytes": len(found.body)})


def _ask(method: str, url: str, body: bytes | None = None) -> HttpAnswer | Sight:
    """The answer, or why there is none. The address guard holds: our own name is taken as anybody's."""
    client = HttpClient(read_timeout=READ_SECONDS, total_seconds=TOTAL_SECONDS, max_bytes=MAX_BYTES)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        return client.request(method, url, headers=headers, body=body)
    except AnswerTooLarge:
        return Sight(text=FILE_IS_PAGE, is_right=False, details={"url": url})
    except NoAnswer:
        return Sight(text=NO_ANSWER, is_right=False, details={"seconds": round(READ_SECONDS)})
    except TransportError as error:
        return _describe_unconnected(error)


def _describe_unconnected(error: TransportError) -> Sight:
    if isinstance(error, AddressForbidden):
        return Sight(text=NOT_PUBLIC, is_right=False)
    reason = str(error).removeprefix(ConnectFailed.__doc__ or "").strip(" ()")
    return Sight(text=NOT_CONNECTED, is_right=False, details={"reason": reason[:200]})


def _describe_other(found: HttpAnswer, text: str, **details: str) -> Sight:
    if found.status in _REDIRECTS:
        to = found.headers.get("Location", "")[:200]
        return Sight(text=REDIRECTED, is_right=False, details={"to": to})
    if found.status == 400 and text == SOMEBODY_ELSE:
        return Sight(text=BAD_REQUEST, is_right=False)
    return Sight(text=text, is_right=False, details={"status": found.status, **details})
