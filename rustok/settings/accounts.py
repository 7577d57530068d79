"""Accounts: people, passwords, sessions and tokens."""

from datetime import timedelta

from rustok.settings.basics import env

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

# --- sessions ----------------------------------------------------------------------------------------------------

SESSION_ENGINE = "apps.accounts.services.browser_sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
#: Sessions of staff in a browser end after so many hours, and after so many minutes without a click.
STAFF_SESSION_HOURS = env.number("STAFF_SESSION_HOURS", 12, low=1, high=336)
STAFF_SESSION_IDLE_MINUTES = env.number("STAFF_SESSION_IDLE_MINUTES", 60, low=5, high=10_080)
