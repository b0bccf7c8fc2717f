"""A backend of Django's tasks that keeps what it is handed; Django's own has its results in each thread for itself."""

from typing import Any

from django.tasks.backends.base import BaseTaskBackend

ENQUEUED: list[str] = []


class KeepingBackend(BaseTaskBackend):
    """Another machine's queue, as far as this process sees it."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        ENQUEUED.append(task.module_path)
