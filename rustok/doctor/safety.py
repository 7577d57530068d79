"""Settings that decide whether strangers may come."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from rustok.doctor.findings import Finding, bad, check, graver, ok, warn

#: Bytes and different characters that a key has at least; Django's own check asks for as much.
LONG, VARIED = 50, 12
NEW_KEY = "set SECRET_KEY to what `python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"


@check("production")
def production() -> Iterator[Finding]:
    """See that this is not a place to try things out."""
    on = [name for name, value in (("DEBUG", settings.DEBUG), ("RUSTOK_DEMO", settings.DEMO)) if value]
    if on:
        yield warn(f"{' and '.join(on)} on: known passwords, details in errors", "unset them where strangers can reach")
    else:
        yield ok("neither DEBUG nor RUSTOK_DEMO is on")
    if settings.ALLOWED_HOSTS != ["*"]:
        yield warn("ALLOWED_HOSTS names hosts: tenants' new domains are refused", "leave it at *; tenants are resolved")
    if "test" in settings.PAYMENT_PROVIDERS:
        yield graver("the payment provider `test` charges nobody", "take test out of PAYMENT_PROVIDERS")
    if settings.TENANT_HEADER_ENABLED and not (settings.DEBUG or settings.DEMO):
        yield warn("X-Tenant selects tenants on the platform's host", "unset TENANT_HEADER_ENABLED unless you need it")


@check("secrets")
def secret_key() -> Iterator[Finding]:
    """See that nobody can guess what signs sessions, tokens and links."""
    key = settings.SECRET_KEY
    if key.startswith(("django-insecure-", "not-a-secret", "tests-only")) or len(set(key)) < VARIED:
        yield graver("SECRET_KEY can be guessed", NEW_KEY)
    elif len(key) < LONG:
        yield graver(f"SECRET_KEY has {len(key)} characters", NEW_KEY)
    else:
        yield ok("SECRET_KEY is long and varied")


@check("cookies")
def cookies() -> Iterator[Finding]:
    """See that cookies stay on one host and one channel."""
    if not settings.HTTPS:
        yield graver("plain http: cookies and passwords can be read on the way", "set HTTPS=1 behind a TLS proxy")
        return
    wrong = [
        name
        for name, holds in (
            ("SESSION_COOKIE_SECURE", settings.SESSION_COOKIE_SECURE),
            ("CSRF_COOKIE_SECURE", settings.CSRF_COOKIE_SECURE),
            ("SESSION_COOKIE_HTTPONLY", settings.SESSION_COOKIE_HTTPONLY),
            ("SESSION_COOKIE_NAME", settings.SESSION_COOKIE_NAME.startswith("__Host-")),
            ("CSRF_COOKIE_NAME", settings.CSRF_COOKIE_NAME.startswith("__Host-")),
            ("SESSION_COOKIE_DOMAIN", not settings.SESSION_COOKIE_DOMAIN),
            ("CSRF_COOKIE_DOMAIN", not settings.CSRF_COOKIE_DOMAIN),
        )
        if not holds
    ]
    if wrong:
        yield bad(
            f"cookies are not safe: {', '.join(wrong)}", "leave these settings as rustok/settings/safety.py has them"
        )
    else:
        yield ok("cookies are __Host-, secure and out of scripts' reach")
    if not settings.SECURE_PROXY_SSL_HEADER:
        yield warn(
            "HTTPS is on and no proxy is trusted: behind one, every page redirects for ever",
            "set TRUST_PROXY=1 if a proxy that sets X-Forwarded-Proto itself stands in front",
        )


@check("email")
def email() -> Iterator[Finding]:
    """See that letters leave the machine, from an address that exists."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield graver("e-mails go nowhere", "set EMAIL_URL to smtp://user:password@host:587")
    elif settings.EMAIL_HOST in ("localhost", "127.0.0.1", ""):
        yield warn("e-mails go through this machine", "set EMAIL_URL, unless a mail server runs here")
    else:
        yield ok(f"e-mails go through {settings.EMAIL_HOST}")
    if "localhost" in settings.DEFAULT_FROM_EMAIL:
        advice = "set DEFAULT_FROM_EMAIL to an address of yours"
        yield graver(f"e-mails come from {settings.DEFAULT_FROM_EMAIL}", advice)
