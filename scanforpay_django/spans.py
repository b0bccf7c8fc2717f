"""Spans for OpenTelemetry, where its API is installed: what was done, for whom, how long it took and what came of it.

A library uses the API alone; without an SDK that the project configures, nothing is recorded:
https://opentelemetry.io/docs/languages/python/instrumentation/
"""

import logging
from types import TracebackType
from typing import Any, Self

try:
    from opentelemetry import trace
except ImportError:
    _tracer: Any = None
else:
    # It asks for the project's provider when the first span begins, so the order of settings and imports is no matter.
    _tracer = trace.get_tracer("scanforpay_django")

logger = logging.getLogger(__name__)

PREFIX = "scanforpay."


class _Harmless:
    """For a ``with`` statement: what a project's sampler or processor raises is logged, and no payment fails by it."""

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        logger.warning("a span could not be recorded: %s", type(error).__name__)
        return True


_harmless = _Harmless()


class Span:
    """A step that is under way, for a ``with`` statement. Attributes' names begin with "scanforpay."; None is left out.

    Only numbers, names and outcomes go in: no body, no header, no query of an address, nothing of a payer, and of an
    error its class alone, for its text and its trace may quote any of these.
    """

    __slots__ = ("_attributes", "_entered", "_name", "_span")

    def __init__(self, name: str, attributes: dict[str, Any]) -> None:
        self._name = name
        self._attributes = attributes
        self._entered: Any = None
        self._span: Any = None

    def __enter__(self) -> Self:
        self._span = trace.INVALID_SPAN
        with _harmless:
            entered = _tracer.start_as_current_span(
                PREFIX + self._name, record_exception=False, set_status_on_exception=False
            )
            self._span = entered.__enter__()
            self._entered = entered
            if self._span.is_recording():
                self.set(**self._attributes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        if self._entered is not None:
            with _harmless:
                # Of the error its class is said already: what is raised here is not it.
                self._entered.__exit__(None, None, None)

    @property
    def is_recording(self) -> bool:
        """Whether anybody will see it: what costs something to find is looked for only then."""
        return bool(self._span.is_recording())

    def set(self, **attributes: Any) -> None:
        """Add attributes: texts, numbers, truth values."""
        with _harmless:
            for name, value in attributes.items():
                if value is not None:
                    plain = value if isinstance(value, (bool, int, float)) else str(value)
                    self._span.set_attribute(PREFIX + name, plain)

    def fail(self, kind: str) -> None:
        """It failed. ``kind``: a class of errors, as in the semantic conventions' error.type."""
        with _harmless:
            self._span.set_attribute("error.type", kind)
            self._span.set_status(trace.StatusCode.ERROR)


class _NoSpan(Span):
    """Where the API is not installed: one for all, which does nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        return

    @property
    def is_recording(self) -> bool:
        return False

    def set(self, **attributes: Any) -> None:
        return

    def fail(self, kind: str) -> None:
        return


_NO_SPAN = _NoSpan()


def begin_span(name: str, **attributes: Any) -> Span:
    """A span below the one that is current in this thread or task."""
    return _NO_SPAN if _tracer is None else Span(name, attributes)


def get_loaded(row: Any, path: str) -> Any:
    """A column of a row, or of one that it leads to ("store__partner__partner_no"), where that takes no statement; None
    else.
    """
    *relations, column = path.split("__")
    for name in relations:
        if row is not None:
            row = getattr(row, name) if row._meta.get_field(name).is_cached(row) else None
    return None if row is None else row.__dict__.get(column)
