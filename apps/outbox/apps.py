from django.utils.translation import gettext_lazy as _

from rustok.kernel import events
from rustok.kernel.modules import Health, ModuleConfig


class OutboxConfig(ModuleConfig):
    """Events: stored with their change, delivered until they are done."""

    name = "apps.outbox"
    slug = "outbox"
    verbose_name = _("Events")
    description = _("What happened, told to every part that has to know.")
    requires = ("tenant", "telemetry")
    critical = False  # pages are served without a relay; what they change arrives later

    def ready(self) -> None:
        """Become the publisher."""
        from apps.outbox.services import OutboxPublisher

        events.install(OutboxPublisher())
        super().ready()

    def health(self) -> Health:
        """Be well while somebody relays, or nobody has to."""
        from django.conf import settings

        from apps.outbox.leases import living

        is_relayed = settings.EVENT_TRANSPORT == "inprocess" or living("relay") > 0
        return Health(ok=is_relayed, reason="" if is_relayed else "no relay is running: events wait")
