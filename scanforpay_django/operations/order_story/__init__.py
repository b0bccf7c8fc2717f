"""The story of one order for staff: what happened to it, line by line, and what is to be done now."""

from scanforpay_django.operations.order_story.acts import Act, find_acts
from scanforpay_django.operations.order_story.head import describe_head
from scanforpay_django.operations.order_story.rows import MAX_LINES, Reader, StoryRows, load_rows
from scanforpay_django.operations.order_story.timeline import Timeline, make_timeline, show_raw_rows
from scanforpay_django.operations.order_story.values import Head, Line, Tone, Topic

__all__ = [
    "MAX_LINES",
    "Act",
    "Head",
    "Line",
    "Reader",
    "StoryRows",
    "Timeline",
    "Tone",
    "Topic",
    "describe_head",
    "find_acts",
    "load_rows",
    "make_timeline",
    "show_raw_rows",
]
