from django.apps import AppConfig


class WiringConfig(AppConfig):
    """The wiring itself, installed for its commands."""

    name = "rustok"
    verbose_name = "RusToK"
