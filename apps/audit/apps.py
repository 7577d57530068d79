from django.utils.translation import gettext_lazy as _

from rustok.kernel import audit
from rustok.kernel.access import tell_refusals
from rustok.kernel.context import on_end
from rustok.kernel.modules import ModuleConfig
from rustok.kernel.schemas import add_step


class AuditConfig(ModuleConfig):
    """The audit log: who did what to which object, before and after, from where, by which key."""

    name = "apps.audit"
    slug = "audit"
    verbose_name = _("Audit log")
    description = _("Who did what, when and from where.")
    requires = ("accounts", "tenant")

    def ready(self) -> None:
        """Become the recorder, and have every schema's tables watched."""
        from apps.audit.declarations import watch_others
        from apps.audit.recorder import LogRecorder, keep_refusal, write_what_waits
        from apps.audit.triggers import AuditTriggers

        watch_others()
        audit.install(LogRecorder())
        tell_refusals(keep_refusal)
        add_step(AuditTriggers())
        on_end(write_what_waits)
        super().ready()
