"""Edges: what a request may hold, how often somebody may ask, REST, GraphQL, languages, payments."""

from django.utils.translation import gettext_lazy as _

from rustok.settings.basics import BASE_DIR, DEBUG, DEMO, env

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
#: Bytes of a request body; uploads of files have their own.
MAX_BODY = 1_000_000
MAX_UPLOAD = 20_000_000

#: Where the platform connects to when somebody else wrote the address (kernel/outbound.py): ports, and private networks
#: that are allowed all the same, such as that of an image server of yours.
OUTBOUND_PORTS = env.ports("OUTBOUND_PORTS", "80,443")
OUTBOUND_ALLOWED_NETWORKS = env.networks("OUTBOUND_ALLOWED_NETWORKS", "")

#: How often somebody may ask, by policy and by what it is counted: kernel/edges/limits.py. RATE_LIMIT_LOGIN=100/m, or
#: RATE_LIMIT_LOGIN=address=100/m,subject=20/m. `graphql` counts the fields that a document asks for.
RATE_LIMITS = {
    policy: env.rates(f"RATE_LIMIT_{policy.upper()}", rules)
    for policy, rules in {
        "api": {"caller": "1200/m", "tenant": "120000/m"},
        "graphql": {"caller": "60000/m", "tenant": "6000000/m"},
        "login": {"address": "60/m", "subject": "10/m"},
        "register": {"address": "30/m"},
        "taken": {"address": "30/h", "tenant": "600/h"},
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

# --- language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- payments ----------------------------------------------------------------------------------------------------

#: `test` charges nobody: anybody could buy for nothing with it.
PAYMENT_PROVIDERS = env.names("PAYMENT_PROVIDERS", "manual,test" if DEBUG or DEMO else "manual")
