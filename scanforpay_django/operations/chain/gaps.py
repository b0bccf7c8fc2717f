"""What goes away rightly: rows that are archived or deleted, put back, or emptied of a column. A link says so, under
the key; without one the audit names the rows.

Call these in the transaction that changes the rows, and ``ChainWriter.objects.begin`` before it.
"""

from collections.abc import Collection, Mapping

from django.db import models

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.covered import BY_MODEL, Covered
from scanforpay_django.operations.chain.key_ranges import write_ranges
from scanforpay_django.operations.chain.open_chain import OpenChain, open_chain

#: rows by their model; other models are left out
KeysByModel = Mapping[type[models.Model], Collection[int]]


def record_removal(keys: KeysByModel, why: str) -> None:
    """These rows are deleted next. What has no link yet gets one first, so that it can be told when it comes back."""
    with open_chain() as chain:
        for covered, pks in _covered(keys):
            chain.append_missing(covered, pks)
            _append(chain, ChainLink.Act.REMOVED, covered, pks, {"why": why})


def record_return(keys: KeysByModel, why: str) -> None:
    """These rows were put back."""
    with open_chain() as chain:
        for covered, pks in _covered(keys):
            chain.append_missing(covered, pks)
            _append(chain, ChainLink.Act.RESTORED, covered, pks, {"why": why})


def record_erasure(model: type[models.Model], column: str, pks: Collection[int], why: str) -> None:
    """A column of these rows was emptied: what is personal, or old. The other columns stay covered."""
    if pks:
        with open_chain() as chain:
            _append(chain, ChainLink.Act.ERASED, BY_MODEL[model], pks, {"why": why, "column": column})


def _covered(keys: KeysByModel) -> list[tuple[Covered, Collection[int]]]:
    return [(BY_MODEL[model], pks) for model, pks in keys.items() if model in BY_MODEL and pks]


def _append(
    chain: OpenChain, act: ChainLink.Act, covered: Covered, pks: Collection[int], content: dict[str, str]
) -> None:
    content = {**content, "keys": write_ranges(pks)}
    chain.append_gap(act, covered.kind, min(pks), max(pks), content)
