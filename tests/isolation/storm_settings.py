"""The platform on one database connection that all threads share, with every cache key noted."""

from rustok.settings import *  # noqa: F403

DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}  # noqa: F405
DATABASES["default"]["OPTIONS"] |= {  # noqa: F405
    "pool": {"min_size": 1, "max_size": 1, "timeout": 120.0},
    "application_name": "storm",
}
for _cache in CACHES.values():  # noqa: F405
    _cache["KEY_FUNCTION"] = "tests.isolation.storm.noted_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
