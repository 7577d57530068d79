"""Metrics and logs."""

import os
from pathlib import Path

from rustok.settings.basics import DEBUG, DEMO, HOME, env

# --- metrics -----------------------------------------------------------------------------------------------------
# Processes with the same folder are one `/metrics`; prometheus_client reads its name when it is imported.

METRICS_DIR = Path(env.text("PROMETHEUS_MULTIPROC_DIR", str(HOME / "metrics")))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
#: With it only who sends it reads `/metrics`; without it, whoever is in a private network.
METRICS_TOKEN = env.text("METRICS_TOKEN")
#: Where relay, worker, beat and consumer answer `/metrics` themselves; 0 if they share a machine with the web.
METRICS_PORT = env.number("METRICS_PORT", 0, low=0, high=65_535)

# --- logs --------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "console" if DEBUG or DEMO else "json", ("json", "console"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"main": {"()": "apps.telemetry.logs.formatter", "style": LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "main"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": []},  # with DEBUG it brings its own, and each line would be said twice
        "django.server": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
    },
}
