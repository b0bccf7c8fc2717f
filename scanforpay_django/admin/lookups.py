"""What may stand in the address of a list: a free lookup would tell a secret letter by letter."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter

#: what Django's filters ask of the column or row that they are for
SUFFIXES = ("", "__exact", "__in", "__isnull", "__isempty", "__id__exact", "__pk__exact", "__gte", "__lt")


def declared_lookups(list_filter: Any) -> set[str]:
    """The lookups of a list's filters, and no others."""
    return {lookup for one in list_filter for lookup in _lookups(one)}


def _lookups(declared: Any) -> Iterator[str]:
    if isinstance(declared, type) and issubclass(declared, SimpleListFilter):
        yield str(declared.parameter_name)
        return
    path = declared[0] if isinstance(declared, list | tuple) else declared
    yield from (f"{path}{suffix}" for suffix in SUFFIXES)
