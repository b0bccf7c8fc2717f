"""Pages as a machine reads them: the pay page, the sandbox's own sheet, the form that leads back to the shop."""

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import requests

JSON_SCRIPTS = {"scanforpay-data": "data", "sandbox-sheet-data": "sheet"}


class CustomerError(Exception):
    """The customer cannot go on; the text says why."""


class PageParser(HTMLParser):
    """Finds what pages hold for machines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: dict[str, str] = {}
        # by name: the JSON of #scanforpay-data, of #sandbox-sheet-data
        self.texts = {"data": "", "sheet": ""}
        self.form: dict[str, str] | None = None
        self.inputs: list[tuple[str, str]] = []
        # a QR code's image, as a data: address
        self.code = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.body = given
        elif tag == "script":
            self._inside = JSON_SCRIPTS.get(given.get("id", ""), "")
        elif tag == "form" and given.get("id") == "scanforpay-return":
            self.form, self._inside = given, "form"
        elif tag == "img" and "qr" in given.get("class", "").split():
            self.code = given.get("src", "")
        elif tag == "input" and self._inside == "form" and given.get("type") == "hidden":
            self.inputs.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "form"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.texts:
            self.texts[self._inside] += data


@dataclass(frozen=True, kw_only=True)
class PayPage:
    """A pay page as a machine reads it."""

    # where it is, after all redirects
    url: str
    # data-channel and data-state of its body
    channel: str
    state: str
    # data-wallet of its body: the order's wallet
    wallet: str = ""
    # the JSON of #scanforpay-data; kind scan for a page that shows a code
    data: dict[str, Any]


def decode_answer(answer: requests.Response) -> str:
    """The body as UTF-8."""
    return answer.content.decode("utf-8", "replace")


def parse(text: str) -> PageParser:
    """The texts and attributes of a pay page that a customer's phone needs."""
    parser = PageParser()
    parser.feed(text)
    parser.close()
    return parser


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in ``text``. Raises CustomerError."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CustomerError(f"not JSON: {first_line(text)}") from error
    if not isinstance(value, dict):
        raise CustomerError(f"not a JSON object: {first_line(text)}")
    return value


def first_line(text: str) -> str:
    """The first line of a text, shortened for an error message."""
    return (text.strip().splitlines() or ["(empty)"])[0][:200]
