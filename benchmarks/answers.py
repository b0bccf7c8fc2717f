"""What reading a merchant's answer costs: ``python -m benchmarks.answers [--number 20000]``. Needs no database."""

import timeit
from argparse import ArgumentParser
from functools import partial

from django.conf import settings

OK = b"HTTP/1.1 200 OK\r\n"
NGINX = (
    b"Server: nginx/1.26.2\r\nDate: Mon, 05 May 2025 07:00:00 GMT\r\nContent-Type: text/html; charset=UTF-8\r\n"
    b"Connection: keep-alive\r\n"
)
PHP = (
    b"X-Powered-By: PHP/8.3.6\r\nSet-Cookie: PHPSESSID=0q3v8h; path=/\r\nPragma: no-cache\r\nVary: Accept-Encoding\r\n"
    b"Expires: Thu, 19 Nov 1981 08:52:00 GMT\r\nCache-Control: no-store, no-cache, must-revalidate\r\n"
)
LENGTH = b"Content-Length: 7\r\n\r\nsuccess"
ANSWERS = {
    "a length alone": OK + LENGTH,
    "nginx": OK + NGINX + LENGTH,
    "nginx and PHP, in chunks": OK
    + NGINX
    + PHP
    + b"Transfer-Encoding: chunked\r\n\r\n7\r\nsuccess\r\n0\r\n\r\n",
    "the same after a PHP warning": OK + NGINX + b"PHP Warning\r\n" + PHP + LENGTH,
}


def _read(reader: type, piece: memoryview) -> None:
    reader().feed(piece)


def main() -> None:
    """A line for each kind of answer."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=20_000)
    number = parser.parse_args().number
    settings.configure()
    from scanforpay_django.transport.answer_reader import AnswerReader

    print("| answer | bytes | microseconds |\n|---|---|---|")
    for name, data in ANSWERS.items():
        piece = memoryview(bytearray(data))
        best = min(timeit.repeat(partial(_read, AnswerReader, piece), number=number, repeat=7))
        print(f"| {name} | {len(data)} | {best / number * 1e6:.1f} |")


if __name__ == "__main__":
    main()
