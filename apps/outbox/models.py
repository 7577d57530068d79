"""The outbox: events, and one delivery per event and handler. In `public`, so that one relay serves every tenant."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rustok.kernel.ids import new_id

__all__ = ["PARTITIONS", "Aggregate", "Delivery", "OutboxEvent"]

#: Deliveries are spread over this many partitions by tenant and aggregate.
PARTITIONS = 64


class Aggregate(models.Model):
    """The newest event version of one aggregate; its row lock makes versions follow commit order."""

    tenant_id = models.UUIDField()
    kind = models.CharField(max_length=64)
    aggregate_id = models.UUIDField()
    version = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "aggregate_id"], name="outbox_aggregate_key")
        ]


class OutboxEvent(models.Model):
    """A fact that was committed together with its change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.UUIDField()
    event_type = models.CharField(max_length=80)
    schema_version = models.PositiveSmallIntegerField()
    aggregate_type = models.CharField(max_length=64)
    aggregate_id = models.UUIDField()
    aggregate_version = models.BigIntegerField()
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField(null=True)
    trace_id = models.CharField(max_length=32)
    actor_id = models.UUIDField(null=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "aggregate_type", "aggregate_id", "aggregate_version"], name="outbox_event_version"
            ),
            models.CheckConstraint(condition=Q(aggregate_version__gte=1), name="outbox_event_version_from_one"),
        ]
        indexes = [models.Index(fields=["tenant_id", "event_type", "-id"], name="outbox_event_list")]

    def __str__(self) -> str:
        return f"{self.event_type} {self.id}"


class Delivery(models.Model):
    """One event on its way to one handler. Marking it done inside the effect's transaction makes it the inbox."""

    class State(models.TextChoices):
        PENDING = "pending"
        LEASED = "leased"
        PARKED = "parked"
        DONE = "done"
        DEAD = "dead"
        DISCARDED = "discarded"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=100)
    tenant_id = models.UUIDField()
    aggregate_type = models.CharField(max_length=64)
    aggregate_id = models.UUIDField()
    aggregate_version = models.BigIntegerField()
    partition = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    error_class = models.CharField(max_length=200, blank=True, default="")
    error = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="outbox_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False) | ~Q(state="leased"), name="outbox_lease_has_end"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="pending"), name="outbox_delivery_claim"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="outbox_delivery_lease"),
            models.Index(
                fields=["tenant_id", "handler", "aggregate_type", "aggregate_id", "aggregate_version"],
                condition=Q(state__in=["pending", "leased", "parked"]),
                name="outbox_delivery_order",
            ),
            models.Index(F("id").desc(), condition=Q(state="dead"), name="outbox_delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} ← {self.event_id}"
