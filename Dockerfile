# One image for web, relay, worker and beat; see docker-compose.yml.
FROM python:3.11-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/ /requirements/
RUN python -m venv /venv \
    && /venv/bin/pip install -r /requirements/base.txt -r /requirements/production.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /home/rustok rustok \
    && install -d -o rustok -g rustok /srv/rustok /srv/rustok/media /srv/rustok/exports
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    RUSTOK_HOME=/srv/rustok MEDIA_ROOT=/srv/rustok/media DJANGO_SETTINGS_MODULE=rustok.settings
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q apps rustok \
    && SECRET_KEY=only-for-collecting-static-files python manage.py collectstatic --noinput --verbosity 0
USER rustok
VOLUME /srv/rustok/media /srv/rustok/exports
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENV GRANIAN_WORKERS=2 GRANIAN_BLOCKING_THREADS=4
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", \
     "--respawn-failed-workers", "rustok.wsgi:application"]
