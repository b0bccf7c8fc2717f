"""The public API as text, made from the modules: ``python -m tests.package.public_api`` writes it into docs/api.md."""

import dataclasses
import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
#: module -> its public names; None for all of __all__, or all that the module defines without an underscore
MODULES: dict[str, tuple[str, ...] | None] = {
    "scanforpay_django.checkout": None,
    "scanforpay_django.exceptions": None,
    "scanforpay_django.signals": None,
    "scanforpay_django.codes": None,
    "scanforpay_django.models": ("Flag", "Order", "Partner", "Refund", "Store"),
    "scanforpay_django.admin": ("register",),
    "scanforpay_django.client": None,
    "scanforpay_django.operations.celery_settings": ("add_to_celery", "celery_settings"),
    "scanforpay_django.wallets.base": None,
    "scanforpay_django.sandbox.testing": ("CustomerError", "Paid", "Sandbox"),
    "scanforpay_django.sandbox.middleware": ("SandboxPhoneMiddleware",),
    "scanforpay_django.sandbox.hosts": ("SandboxHostMiddleware",),
}
#: rows: what a project may read of one
FIELDS_OF_ROWS = {
    "Flag": ("kind", "order", "raised_at", "cleared_at", "details"),
    "Order": (
        "order_no", "partner_order_no", "partner", "store", "wallet", "amount", "currency", "refunded_amount", "title",
        "state", "metadata", "created_at", "expires_at", "paid_at", "pay_url", "qr_svg",
    ),
    "Partner": ("partner_no", "name", "is_active"),
    "Refund": ("order", "refund_no", "amount", "currency", "state", "created_at", "finished_at"),
    "Store": ("store_no", "name", "currency", "partner", "is_active"),
}  # fmt: skip
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def names_of(module: Any, names: tuple[str, ...] | None) -> list[str]:
    """Public names, in the order of the alphabet."""
    if names is None:
        declared = getattr(module, "__all__", None)
        names = declared or [name for name, value in vars(module).items() if _is_own(module, name, value)]
    return sorted(names)


def _is_own(module: Any, name: str, value: Any) -> bool:
    if name.startswith("_") or inspect.ismodule(value) or hasattr(value, "__supertype__"):
        return False
    return getattr(value, "__module__", "") == module.__name__ or type(value).__name__ == "Signal"


def signature(value: Any) -> str:
    """As it is called: names, kinds, defaults and types."""
    return _without_modules(_ADDRESS.sub("", str(inspect.signature(value))))


def _without_modules(text: str) -> str:
    return re.sub(r"(?<![\w.])(?:\w+\.)+(?=[A-Za-z_])", "", text)


def describe(name: str, value: Any) -> Iterator[str]:
    """One name, a line or more."""
    if inspect.isclass(value):
        yield from _describe_class(name, value)
    elif inspect.isroutine(value):
        prefix = "async def" if iscoroutinefunction(value) else "def"
        yield f"{prefix} {name}{signature(value)}"
    else:
        yield f"{name}: {type(value).__name__.lstrip('_')}"


def _describe_class(name: str, value: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    yield f"class {name}({bases})" if bases else f"class {name}"
    if name in FIELDS_OF_ROWS and hasattr(value, "_meta"):
        yield from (f"    {field}" for field in FIELDS_OF_ROWS[name] if _is_there(value, field))
        return
    if issubclass(value, enum.Enum):
        yield from (f"    {member.name} = {member.value!r}" for member in value)
        return
    if dataclasses.is_dataclass(value):
        yield from (f"    {one.name}: {_type_name(one.type)}" for one in dataclasses.fields(value))
    elif not issubclass(value, Exception):
        yield from (f"    {one}" for one in sorted(_attributes(value)) if one[0] != "_")
    yield from _describe_members(value)


def _attributes(value: type) -> set[str]:
    """Its own, and those of what it is made of in this package."""
    ours = [one for one in value.__mro__ if one.__module__.startswith("scanforpay_django.")]
    return {name for one in ours for name in vars(one).get("__annotations__", {})}


def _is_there(row: Any, field: str) -> bool:
    return hasattr(row, field) or field in {one.name for one in row._meta.get_fields()}


def _type_name(kind: Any) -> str:
    return _without_modules(kind if isinstance(kind, str) else inspect.formatannotation(kind))


def _describe_members(value: type) -> Iterator[str]:
    for name, member in sorted(vars(value).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, classmethod | staticmethod):
            yield f"    {type(member).__name__} {name}{signature(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"    def {name}{signature(member)}"
        elif isinstance(member, property):
            yield f"    property {name}"


def make_block(path: str) -> str:
    """A module's part of the page."""
    module = importlib.import_module(path)
    lines = [
        line for name in names_of(module, MODULES[path]) for line in describe(name, getattr(module, name))
    ]
    return "\n".join(lines)


def blocks(page: str) -> dict[str, str]:
    """What the page says, by module."""
    found = re.findall(r"^## `([\w.]+)`\n.*?^```text\n(.*?)\n```", page, re.MULTILINE | re.DOTALL)
    return dict(found)


def write_blocks(page: str) -> str:
    """The page with every module's block made anew; the words stay."""
    pattern = re.compile(r"(^## `([\w.]+)`\n(?:(?!^## ).)*?^```text\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{make_block(found[2])}\n{found[4]}", page)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    DOCS.write_text(write_blocks(DOCS.read_text(encoding="utf-8")), encoding="utf-8")
