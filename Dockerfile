# The payment service of deploy/project: docs/deploy.md.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY pyproject.toml README.md LICENSE ./
COPY scanforpay_django scanforpay_django
RUN /venv/bin/pip install --no-cache-dir --no-compile ".[deploy]"

FROM python:3.13-slim
# A number, so that a cluster can see that it is not root.
RUN useradd --uid 10001 --no-create-home --home-dir /srv/payments payments
COPY --from=build /venv /venv
COPY deploy/project /srv/payments
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/var/lib/payments
WORKDIR /srv/payments
RUN SECRET_KEY=build BASE_URL=http://localhost DATABASE_URL=sqlite:// python manage.py collectstatic --noinput \
    && install -d -o payments /var/lib/payments
USER 10001
VOLUME /var/lib/payments
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "payments.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--no-control-socket"]
