"""Requests whose body comes in chunks (RFC 9112, 7.1): they name no length, and Django takes that for no body."""

from django.http import HttpRequest


def is_chunked(request: HttpRequest) -> bool:
    """Whether the body comes in chunks, and so without a length."""
    codings = request.headers.get("Transfer-Encoding", "").lower()
    return "chunked" in codings and not request.headers.get("Content-Length")


def accept_chunks(request: HttpRequest, limit: int) -> None:
    """Let ``request.read()`` return a body in chunks, where the server ends it; ``limit`` is in bytes.

    A WSGI server that joins the chunks says so by ``wsgi.input_terminated`` (gunicorn, mod_wsgi); behind any other one,
    reading could wait for ever. Under ASGI the body is there, and only its length is missing, which DRF asks for.
    """
    if not is_chunked(request):
        return
    stream = request.META.get("wsgi.input")
    if stream is not None:
        if not request.META.get("wsgi.input_terminated"):
            return
        # Django cuts what may be read off at the length, which is 0 here.
        request._stream = stream  # noqa: SLF001
    request.META["CONTENT_LENGTH"] = str(limit)
