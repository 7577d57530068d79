"""Safety: secrets, HTTPS, cookies, and who may ask from elsewhere."""

from rustok.environment import stop
from rustok.settings.basics import DEBUG, DEMO, env

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
