"""The log: who did what to which object, before and after."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.ids import new_id
from rustok.kernel.models import EntityManager

__all__ = ["AuditEntry"]


class AuditEntry(models.Model):
    """One thing that somebody did, or was refused. Rows are only added: the database refuses all else."""

    class ActorKind(models.TextChoices):
        USER = "user", _("a person")
        ANONYMOUS = "anonymous", _("not logged in")
        SYSTEM = "system", _("the platform")

    class Via(models.TextChoices):
        ADMIN = "admin", _("back office")
        REST = "rest", _("REST API")
        GRAPHQL = "graphql", _("GraphQL API")
        STOREFRONT = "storefront", _("storefront")
        TASK = "task", _("background work")
        COMMAND = "command", _("command line")

    #: UUIDv7: the order of keys is that of time.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(_("when"))
    #: Rows of one transaction share it.
    transaction = models.BigIntegerField(null=True)
    action = models.CharField(_("action"), max_length=64)
    #: The last permission that was given before, if one was.
    permission = models.CharField(_("permission"), max_length=64, blank=True)
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    actor_label = models.CharField(_("who"), max_length=254, blank=True)
    #: The API key that it was done with.
    key_id = models.UUIDField(_("API key"), null=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    via = models.CharField(_("came by"), max_length=12, choices=Via, blank=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    correlation_id = models.UUIDField(null=True)
    object_type = models.CharField(_("kind of object"), max_length=64, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(_("object"), max_length=200, blank=True)
    #: What the object is a part of: a translation's product.
    whole_type = models.CharField(max_length=64, blank=True)
    whole_id = models.CharField(max_length=64, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    objects = EntityManager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["object_id", "id"], condition=~Q(object_id=""), name="audit_of_object"),
            models.Index(fields=["whole_id", "id"], condition=~Q(whole_id=""), name="audit_of_whole"),
            models.Index(fields=["actor_id", "id"], condition=Q(actor_id__isnull=False), name="audit_of_actor"),
            models.Index(fields=["address", "id"], condition=~Q(address=""), name="audit_from_address"),
            models.Index(fields=["object_type", "id"], name="audit_of_type"),
            models.Index(fields=["transaction"], name="audit_of_transaction"),
            models.Index(fields=["action", "id"], condition=~Q(action__startswith="row."), name="audit_of_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label or self.object_id}".strip()
