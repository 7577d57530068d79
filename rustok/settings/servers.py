"""Servers: real ones by URL; for those left out, the embedded ones of `RUSTOK_HOME` when they run."""

import os

from rustok.embedded import discover
from rustok.settings.basics import HOME, env

#: How events reach their handlers; NATS only carries the stream.
EVENT_TRANSPORT = env.choice("EVENT_TRANSPORT", "outbox", ("inprocess", "outbox", "stream"))
_servers = ["DATABASE_URL", "VALKEY_URL", *(["NATS_URL"] if EVENT_TRANSPORT == "stream" else [])]
_embedded = {} if all(map(os.environ.get, _servers)) else discover(HOME)
DATABASE_URL_KNOWN = bool(env.text("DATABASE_URL") or _embedded.get("DATABASE_URL"))
VALKEY_URL = env.url(
    "VALKEY_URL", _embedded.get("VALKEY_URL", "redis://127.0.0.1:6379/0"), ("redis", "rediss", "unix", "valkey")
)
#: The servers of a cluster, with commas between them.
NATS_URLS = env.urls("NATS_URL", _embedded.get("NATS_URL", "nats://127.0.0.1:4222"), ("nats", "tls"))

# --- PostgreSQL --------------------------------------------------------------------------------------------------

_database = env.database("DATABASE_URL", _embedded.get("DATABASE_URL", "postgres://rustok@127.0.0.1:5432/rustok"))
DATABASES = {
    "default": {
        "ENGINE": "rustok.database",
        **_database,
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", 600, low=0, high=86_400),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": env.text("PROCESS_NAME", "rustok"),
            # A machine that vanishes closes nothing: by default the server finds out after two hours, and as long it
            # holds the row locks of what ran there. So it asks after 30 silent seconds, and gives up after a minute;
            # `keepalives_*` are the same for our side, should it be the server's machine that is gone.
            "options": "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
            "keepalives": 1,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    }
}
# How much runs, so that `manage.py doctor` can tell whether PostgreSQL has a connection for all of it.
MACHINES = env.number("MACHINES", 1, low=1, high=10_000)
WEB_PROCESSES = env.number("GRANIAN_WORKERS", 2, low=1, high=1_000)
WEB_THREADS = env.number("GRANIAN_BLOCKING_THREADS", 4, low=1, high=1_000)
TASK_PROCESSES = env.number("CELERY_CONCURRENCY", 2, low=1, high=1_000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey ------------------------------------------------------------------------------------------------------

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": VALKEY_URL,
        "KEY_FUNCTION": "apps.tenant.cache.make_key",
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
        },
    },
    "limits": {
        "BACKEND": "rustok.kernel.edges.counters.Counters",
        "LOCATION": "default",
        "KEY_FUNCTION": "apps.tenant.cache.make_key",
    },
}
