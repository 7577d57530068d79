from importlib import import_module

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites

from rustok.field_names import translate_names
from rustok.kernel.events import check_handlers


class WiringConfig(AppConfig):
    """The wiring itself, installed for its commands."""

    name = "rustok"
    verbose_name = "RusToK"
    default = True

    def ready(self) -> None:
        """Make ours the current Celery application, so that every process sends to the right broker."""
        import_module("rustok.celery")


class KernelConfig(AppConfig):
    """The contracts; last of all apps, so that every module has said what it announces and what it hears."""

    name = "rustok.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Let no process start that would never hear an event because its name is misspelt.

        :raises SystemExit: as a wrong setting does, so that web, relay and worker say it in one line each
        """
        if problems := check_handlers():
            raise SystemExit("\n".join(f"rustok: {problem}" for problem in problems))
        import_module("rustok.tenant_metrics")
        translate_names()


class UnfoldConfig(AppConfig):
    """django-unfold, with our own admin site in place of its."""

    name = "unfold"

    def ready(self) -> None:
        """Make the back office the site that pages register with."""
        from rustok.back_office import BackOffice

        admin.site = sites.site = BackOffice()  # type: ignore[misc,assignment]
