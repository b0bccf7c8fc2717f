"""Signals, sent after commit.

``order_paid``, ``order_closed`` and ``order_refunded`` are sent with ``order``; ``flag_raised`` with ``order`` and
``flag`` (money that needs a person); ``notification_exhausted`` with ``notification``. The sender is the row's class.
"""

from django.dispatch import Signal

order_paid = Signal()
order_closed = Signal()
order_refunded = Signal()
flag_raised = Signal()
notification_exhausted = Signal()
