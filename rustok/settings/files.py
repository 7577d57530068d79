"""Files: what is static, what people upload, what is exported."""

from pathlib import Path

from rustok.settings.basics import BASE_DIR, DEBUG, HOME, env

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
