"""Settings of the test run: the same platform, with cheap password hashes and files in a temporary folder."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "tests-only-tests-only-tests-only")
os.environ.setdefault("HTTPS", "0")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="rustok-test-metrics-")

from rustok.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="rustok-test-media-"))
EXPORTS_ROOT = Path(tempfile.mkdtemp(prefix="rustok-test-exports-"))
TENANT_HEADER_ENABLED = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOG_LEVEL = "WARNING"
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
PAYMENT_PROVIDERS = ["manual", "test"]
RATE_LIMITS = {  # a test that is about limits sets real ones
    policy: dict.fromkeys(rules, "1000000/m")
    for policy, rules in RATE_LIMITS.items()  # noqa: F405
}
