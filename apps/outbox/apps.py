from rustok.kernel import events
from rustok.kernel.modules import ModuleConfig


class OutboxConfig(ModuleConfig):
    """Events: stored with their change, delivered until they are done."""

    name = "apps.outbox"
    slug = "outbox"
    verbose_name = "Events"
    requires = ("tenant",)

    def ready(self) -> None:
        """Become the publisher."""
        from apps.outbox.services import OutboxPublisher

        events.install(OutboxPublisher())
        super().ready()
