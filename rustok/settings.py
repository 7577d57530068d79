"""Settings: one file, every value from the environment, a wrong one stops the start with one clear line.

What is only words stands beside it: how the admin looks (`admin_site`), what the reference says (`api_reference`).
"""

import os
import re
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from rustok.admin_site import UNFOLD  # noqa: F401
from rustok.api_reference import SPECTACULAR_SETTINGS  # noqa: F401
from rustok.embedded import discover
from rustok.environment import Environment, InvalidSetting, stop

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(env.text("RUSTOK_HOME", str(BASE_DIR / ".rustok")))

# --- servers ----------------------------------------------------------------------------------------------------
# Real servers by URL; for those left out, the embedded ones of RUSTOK_HOME when they run. NATS only carries the stream.

EVENT_TRANSPORT = env.choice("EVENT_TRANSPORT", "outbox", ("inprocess", "outbox", "stream"))
_servers = ["DATABASE_URL", "VALKEY_URL", *(["NATS_URL"] if EVENT_TRANSPORT == "stream" else [])]
_embedded = {} if all(map(os.environ.get, _servers)) else discover(HOME)
DATABASE_URL_KNOWN = bool(env.text("DATABASE_URL") or _embedded.get("DATABASE_URL"))
VALKEY_URL = env.url(
    "VALKEY_URL", _embedded.get("VALKEY_URL", "redis://127.0.0.1:6379/0"), ("redis", "rediss", "unix", "valkey")
)
#: The servers of a cluster, with commas between them.
NATS_URLS = env.urls("NATS_URL", _embedded.get("NATS_URL", "nats://127.0.0.1:4222"), ("nats", "tls"))

# --- events -----------------------------------------------------------------------------------------------------

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

# --- safety -----------------------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
#: The demo: known passwords, plain http on localhost. Never set it where strangers can reach.
DEMO = env.flag("RUSTOK_DEMO", False)
SECRET_KEY = env.text("SECRET_KEY", "not-a-secret-for-development-only-0000" if DEBUG or DEMO else "")
if len(SECRET_KEY) < 32:
    stop("SECRET_KEY is missing or shorter than 32 characters; set it, or DEBUG=1 to try things out")
#: Former secrets, newest first: what they signed is good until they are taken out.
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
#: Secrets that API tokens are signed with, the newest first; empty: derived from those above.
JWT_KEYS = env.secrets("JWT_KEYS")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "*")  # the tenant resolver refuses unknown hosts before any view runs
HTTPS = env.flag("HTTPS", not (DEBUG or DEMO))

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
#: Whether a proxy of ours stands in front and says the scheme and the client's address; it must overwrite both headers.
TRUST_PROXY = env.flag("TRUST_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "rustok.kernel.edges.web.csrf_failure"

#: Scripts of other origins may call the API if the tenant names them (`Tenant.cors_origins`), without cookies.
CORS_URLS_REGEX = r"^$"  # none by itself: kernel/edges/security.py asks the tenant
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    "accept", "accept-language", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match",
    "traceparent", "x-cart-token", "x-tenant",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "Content-Language", "ETag", "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
    "X-Trace-Id",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 3600

# --- apps -------------------------------------------------------------------------------------------------------
# SHARED apps have their tables in `public`, TENANT apps in each tenant's schema. The two sets are disjoint: a table
# that a tenant lacks must fail, never fall through to `public`.

SHARED_APPS = [
    "apps.tenant",
    "django_tenants",
    "django.contrib.contenttypes",
    "apps.outbox",
    "apps.telemetry",
]
PLAIN_APPS = [  # no tables of their own
    "rustok",
    "rustok.apps.UnfoldConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "graphene_django",
    "django_htmx",
    "corsheaders",
    "csp",
    "django_prose_editor",
]
DOMAIN_APPS = [  # floor by floor
    "apps.accounts",
    "apps.rbac",
    "apps.audit",
    "apps.media",
    "apps.taxonomy",
    "apps.index",
    "apps.content",
    "apps.product",
    "apps.comments",
    "apps.pricing",
    "apps.inventory",
    "apps.tax",
    "apps.shipping",
    "apps.blog",
    "apps.pages",
    "apps.forum",
    "apps.cart",
    "apps.payment",
    "apps.navigation",
    "apps.order",
    "apps.commerce",
    "apps.importer",
    "apps.storefront",
]
TENANT_APPS = [
    "django.contrib.auth",
    "django.contrib.admin",
    "guardian",
    *DOMAIN_APPS,
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *PLAIN_APPS,
    *TENANT_APPS,
    "rustok.apps.KernelConfig",  # last: it checks what the modules before it registered
]

TENANT_MODEL = "tenant.Tenant"
TENANT_DOMAIN_MODEL = "tenant.Domain"
TENANT_CREATION_FAKES_MIGRATIONS = True
TENANT_BASE_SCHEMA = "_template"
TENANT_LIMIT_SET_CALLS = True
TENANT_HEADER_ENABLED = env.flag("TENANT_HEADER_ENABLED", DEBUG or DEMO)
#: Name servers that are asked whose a domain is, `address` or `address:port`; the machine's own if there are none.
DNS_SERVERS = env.names("DNS_SERVERS", "")
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

MIDDLEWARE = [
    "rustok.kernel.edges.middleware.WorkMiddleware",
    "apps.telemetry.middleware.HealthMiddleware",
    "apps.telemetry.middleware.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "rustok.kernel.edges.security.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.tenant.middleware.TenantMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "rustok.kernel.edges.limits.LimitsMiddleware",
    "apps.accounts.middleware.BrowserSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rustok.kernel.edges.middleware.ActorMiddleware",
    "rustok.kernel.edges.declared.DeclaredViewsMiddleware",
]
ROOT_URLCONF = "rustok.urls"
WSGI_APPLICATION = "rustok.wsgi.application"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- data -------------------------------------------------------------------------------------------------------

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
SESSION_ENGINE = "apps.accounts.services.browser_sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
#: Sessions of staff in a browser end after so many hours, and after so many minutes without a click.
STAFF_SESSION_HOURS = env.number("STAFF_SESSION_HOURS", 12, low=1, high=336)
STAFF_SESSION_IDLE_MINUTES = env.number("STAFF_SESSION_IDLE_MINUTES", 60, low=5, high=10_080)

# --- accounts ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.EmailBackend", "guardian.backends.ObjectPermissionBackend"]
ANONYMOUS_USER_NAME = None  # guardian: nobody is nobody, not a row
GUARDIAN_GET_INIT_ANONYMOUS_USER = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/account/"
LOGOUT_REDIRECT_URL = "/"

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ALGORITHM": "HS256",
    "ISSUER": "rustok",
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}

# --- edges ------------------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
#: Bytes of a request body; uploads of files have their own.
MAX_BODY = 1_000_000
MAX_UPLOAD = 20_000_000

#: How often somebody may ask, by policy and by what it is counted: kernel/edges/limits.py. RATE_LIMIT_LOGIN=100/m, or
#: RATE_LIMIT_LOGIN=address=100/m,subject=20/m. `graphql` counts the fields that a document asks for.
RATE_LIMITS = {
    policy: env.rates(f"RATE_LIMIT_{policy.upper()}", rules)
    for policy, rules in {
        "api": {"caller": "1200/m", "tenant": "120000/m"},
        "graphql": {"caller": "60000/m", "tenant": "6000000/m"},
        "login": {"address": "60/m", "subject": "10/m"},
        "register": {"address": "30/m"},
        "reset": {"address": "20/h", "subject": "5/h"},
        "verify": {"address": "60/h", "subject": "10/h"},
        "checkout": {"caller": "60/m", "tenant": "6000/m"},
        "upload": {"caller": "120/m"},
        "domains": {"tenant": "10/m"},
    }.items()
}
RATELIMIT_USE_CACHE = "limits"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],  # Endpoint checks; see kernel/edges/rest.py
    "DEFAULT_RENDERER_CLASSES": ["rustok.kernel.edges.media_types.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rustok.kernel.edges.media_types.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "rustok.kernel.edges.problems.drf_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}
GRAPHENE = {"SCHEMA": "rustok.schema.schema"}

# --- payments ---------------------------------------------------------------------------------------------------

#: `test` charges nobody: anybody could buy for nothing with it.
PAYMENT_PROVIDERS = env.names("PAYMENT_PROVIDERS", "manual,test" if DEBUG or DEMO else "manual")

# --- language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(HOME / "media")))
STORAGES = {
    "default": {"BACKEND": "apps.tenant.storage.TenantStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
#: Where exports of tenants lie until somebody has fetched them: all that a tenant has, so in no tenant's media.
EXPORTS_ROOT = Path(env.text("EXPORTS_ROOT", str(HOME / "exports")))
#: Bytes that an archive may unpack to when a tenant is imported.
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_BYTES", 50_000_000_000, low=1, high=10**15)

# --- mail ---------------------------------------------------------------------------------------------------------

#: smtp://user:password@host:587?starttls=1, smtps://host, file:///folder or console:
EMAIL_URL = env.text("EMAIL_URL", f"file://{HOME / 'mailbox'}" if DEBUG or DEMO else "smtp://localhost")
_mail = env.mail("EMAIL_URL", EMAIL_URL)
EMAIL_BACKEND = str(_mail["BACKEND"])
EMAIL_HOST, EMAIL_PORT = str(_mail["HOST"]), _mail["PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = str(_mail["USER"]), str(_mail["PASSWORD"])
EMAIL_USE_TLS, EMAIL_USE_SSL = bool(_mail["STARTTLS"]), bool(_mail["SSL"])
EMAIL_TIMEOUT = 10
#: Where mails go that are kept in files, to be read at `/mailbox/`.
MAILBOX_DIR = Path(str(_mail["FOLDER"] or HOME / "mailbox"))
#: Whether the platform's host shows them: every link in them is a key.
MAILBOX = DEBUG or DEMO
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "RusToK <no-reply@localhost>")
#: The port in links that are mailed; 0: the usual one of http or https.
_plain_port = env.number("PORT", 8_000, low=0, high=65_535) if (DEBUG or DEMO) and not HTTPS else 0
SITE_PORT = env.number("SITE_PORT", _plain_port, low=0, high=65_535)

# --- work in the background ---------------------------------------------------------------------------------------

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
    "commerce.settle_payments": {"task": "commerce.settle_payments", "schedule": 30.0},
}

# --- metrics ----------------------------------------------------------------------------------------------------
# Processes with the same folder are one `/metrics`; prometheus_client reads its name when it is imported.

METRICS_DIR = Path(env.text("PROMETHEUS_MULTIPROC_DIR", str(HOME / "metrics")))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
#: With it only who sends it reads `/metrics`; without it, whoever is in a private network.
METRICS_TOKEN = env.text("METRICS_TOKEN")
#: Where relay, worker, beat and consumer answer `/metrics` themselves; 0 if they share a machine with the web.
METRICS_PORT = env.number("METRICS_PORT", 0, low=0, high=65_535)

# --- logs -------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "console" if DEBUG or DEMO else "json", ("json", "console"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"main": {"()": "apps.telemetry.logs.formatter", "style": LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "main"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
    },
}
