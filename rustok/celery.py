"""The Celery application: late acknowledgement, JSON only, no results, no ETA (see docs/adr)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")

app = Celery("rustok")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
