"""Work in the background: events, the stream that may carry them, Celery, and what is kept how long."""

import re

from rustok.environment import InvalidSetting
from rustok.settings.basics import env
from rustok.settings.servers import VALKEY_URL

#: Name of the JetStream stream; deployments that share a NATS have one each.
STREAM_NAME = env.text("STREAM_NAME", "RUSTOK")
if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", STREAM_NAME):
    raise InvalidSetting("STREAM_NAME", STREAM_NAME, "1 to 32 letters, digits, - or _")
#: Servers that keep a copy of the stream: 3 in production.
STREAM_REPLICAS = env.number("STREAM_REPLICAS", 1, low=1, high=5)
#: Parts of the stream that a group's consumers share out; the same for everything that uses one stream.
STREAM_PARTITIONS = 8
#: Days that the stream keeps messages; the outbox can fill it again.
STREAM_MAX_AGE_DAYS = env.number("STREAM_MAX_AGE_DAYS", 14, low=1, high=3650)

#: Days that events stay in the outbox after their last delivery.
EVENT_RETENTION_DAYS = env.number("EVENT_RETENTION_DAYS", 14, low=1, high=3650)

#: Days that the audit log keeps its entries.
AUDIT_RETENTION_DAYS = env.number("AUDIT_RETENTION_DAYS", 730, low=30, high=36_500)

#: Seconds that a worker has for a task before the relay dispatches its deliveries again.
EVENT_LEASE_SECONDS = env.number("EVENT_LEASE_SECONDS", 60, low=1, high=3600)
#: Deliveries that may be on their way to workers, of all tenants and of one: what a flood can put before others.
EVENT_IN_FLIGHT = env.number("EVENT_IN_FLIGHT", 4_000, low=1, high=1_000_000)
EVENT_TENANT_IN_FLIGHT = env.number("EVENT_TENANT_IN_FLIGHT", 1_000, low=1, high=1_000_000)

# --- Celery ------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.url(
    "CELERY_BROKER_URL", VALKEY_URL, ("redis", "rediss", "unix", "valkey", "amqp", "amqps", "memory")
)
CELERY_TASK_DEFAULT_QUEUE = env.text("CELERY_QUEUE", "rustok")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
#: Celery would connect to the database anew for every task; rustok.celery closes what is broken or old, as Django does.
CELERY_DB_REUSE_MAX = 10**12
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "rustok.alive": {"task": "rustok.alive", "schedule": 60.0},
    "outbox.prune": {"task": "outbox.prune", "schedule": 3600.0},
    "audit.prune": {"task": "audit.prune", "schedule": 86_400.0},
    "accounts.prune": {"task": "accounts.prune", "schedule": 3600.0},
    "rbac.prune": {"task": "rbac.prune", "schedule": 86_400.0},
    "tenant.resume_jobs": {"task": "tenant.resume_jobs", "schedule": 15.0},
    "tenant.delete_due": {"task": "tenant.delete_due", "schedule": 300.0},
    "tenant.prune_exports": {"task": "tenant.prune_exports", "schedule": 3600.0},
    "tenant.look_at_domains": {"task": "tenant.look_at_domains", "schedule": 60.0},
    "media.sweep": {"task": "media.sweep", "schedule": 3600.0},
    "commerce.settle_payments": {"task": "commerce.settle_payments", "schedule": 30.0},
}
