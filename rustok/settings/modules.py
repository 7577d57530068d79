"""What is installed: shared apps, tenants' apps, middleware, templates, and how tenants are found."""

from rustok.settings.basics import BASE_DIR, DEBUG, DEMO, env

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

# --- tenants -----------------------------------------------------------------------------------------------------

TENANT_MODEL = "tenant.Tenant"
TENANT_DOMAIN_MODEL = "tenant.Domain"
TENANT_CREATION_FAKES_MIGRATIONS = True
TENANT_BASE_SCHEMA = "_template"
TENANT_LIMIT_SET_CALLS = True
TENANT_HEADER_ENABLED = env.flag("TENANT_HEADER_ENABLED", DEBUG or DEMO)
#: Name servers that are asked whose a domain is, `address` or `address:port`; the machine's own if there are none.
DNS_SERVERS = env.names("DNS_SERVERS", "")
#: Days after which a domain whose record is missing leads to its shop no more.
DOMAIN_GRACE_DAYS = env.number("DOMAIN_GRACE_DAYS", 14, low=1, high=365)
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
