"""What a project writes by itself: a row, a Celery task, requests."""
