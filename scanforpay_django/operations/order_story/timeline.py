"""The lines of an order's story in one list, by time."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.utils.translation import gettext

from scanforpay_django.operations.order_story.event_lines import make_event_lines
from scanforpay_django.operations.order_story.masking import show_values
from scanforpay_django.operations.order_story.row_lines import make_row_lines
from scanforpay_django.operations.order_story.rows import MAX_LINES, StoryRows
from scanforpay_django.operations.order_story.values import Line, Topic


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A page of lines, oldest first."""

    lines: tuple[Line, ...]
    # lines before this moment are on the next page; None: there are none
    older_before: datetime | None = None


def make_timeline(
    rows: StoryRows, *, topics: frozenset[Topic] = frozenset(), before: datetime | None = None
) -> Timeline:
    """The newest lines that fit a page, of these topics or of all; with ``before`` those that are older than it."""
    found = chain(make_event_lines(rows), make_row_lines(rows), _describe_old_flags(rows))
    lines = sorted(
        (
            line
            for line in found
            if (not topics or line.topic in topics) and (before is None or line.at < before)
        ),
        key=lambda line: (line.at, line.rank),
    )
    complete = [line for line in lines if rows.complete_after is None or line.at > rows.complete_after]
    # What happened at the very moment of the cut stays on this page: the next one begins before it.
    cut = complete[-MAX_LINES].at if len(complete) > MAX_LINES else None
    shown = tuple(line for line in complete if cut is None or line.at >= cut)
    has_older = len(shown) < len(lines) or rows.complete_after is not None
    before_all = shown[0].at if shown else rows.complete_after
    return Timeline(lines=shown, older_before=before_all if has_older else None)


def show_raw_rows(rows: StoryRows) -> str:
    """The order and its payments and refunds, column by column, masked."""
    return "\n".join(
        f"{row._meta.verbose_name} {row.pk}\n"
        + show_values({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})
        for row in (rows.order, *rows.payments, *rows.refunds)
    )


def _describe_old_flags(rows: StoryRows) -> list[Line]:
    """Flags that were cleared before that wrote an event."""
    recorded = {event.data.get("flag_id") for event in rows.events}
    return [
        Line(
            at=flag.cleared_at,
            title=gettext("Flag cleared: %(flag)s") % {"flag": flag.get_kind_display()},
            notes=tuple(filter(None, (flag.reason_shown,))),
            icon="check",
            topic=Topic.STAFF,
        )
        for flag in rows.flags
        if flag.cleared_at and flag.cleared_by_id and flag.pk not in recorded
    ]
