from importlib import import_module

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites


class WiringConfig(AppConfig):
    """The wiring itself, installed for its commands."""

    name = "rustok"
    verbose_name = "RusToK"
    default = True

    def ready(self) -> None:
        """Make ours the current Celery application, so that every process sends to the right broker."""
        import_module("rustok.celery")


class UnfoldConfig(AppConfig):
    """django-unfold, with our own admin site in place of its."""

    name = "unfold"

    def ready(self) -> None:
        """Make the back office the site that pages register with."""
        from rustok.back_office import BackOffice

        admin.site = sites.site = BackOffice()  # type: ignore[misc,assignment]
