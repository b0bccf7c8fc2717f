"""WSGI entry: ``gunicorn payments.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "payments.settings")
application = get_wsgi_application()
