"""The outbox: events, and what of them is still to be delivered. In `public`, so that one relay serves every tenant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.ids import new_id

__all__ = [
    "PARTITIONS",
    "Aggregate",
    "DeadLetter",
    "DeadLetterAct",
    "Delivery",
    "Dispatch",
    "Lease",
    "Member",
    "OutboxEvent",
]

#: Lanes are spread over this many partitions, by their highest bits; a relay or consumer leases some of them.
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
    """A fact that was committed together with its change. The table is partitioned by the day in the key (UUIDv7).

    Every partition has a unique index over the aggregate's version; see `services.retention`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: Where the event stands among all; with gaps, and not in commit order: good to name a range, never to tail.
    position = models.BigIntegerField(editable=False)
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
    #: The handlers that it was to be delivered to when it was published.
    handlers = ArrayField(models.CharField(max_length=100))
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(condition=Q(aggregate_version__gte=1), name="outbox_event_version_from_one"),
        ]
        indexes = [models.Index(fields=["tenant_id", "event_type", "-id"], name="outbox_event_list")]

    def __str__(self) -> str:
        return f"{self.event_type} {self.id}"


class Dispatch(models.Model):
    """Deliveries of one handler and tenant that were leased together, to be run by one worker.

    When the lease ends its deliveries wait again; if it had been started, its worker died, and that was an attempt.
    """

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.UUIDField()
    handler = models.CharField(max_length=100)
    delivery_ids = ArrayField(models.BigIntegerField())
    #: Deliveries that are still open, as far as known; what caps the work in flight.
    size = models.IntegerField()
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "dispatches"

    def __str__(self) -> str:
        return f"{self.handler} × {self.size}"


class Delivery(models.Model):
    """One event on its way to one handler. It is over when the row is gone.

    The row is deleted in the transaction of the handler's effect, and so is the inbox: no row, no second effect. The
    lane is the aggregate, hashed with its tenant to 63 bits; deliveries of one lane and handler run in order.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        LEASED = "leased"
        PARKED = "parked"

    id = models.BigAutoField(primary_key=True)
    # No constraint: one statement inserts both, pruning asks for both, and a partition must stay easy to drop.
    event = models.ForeignKey(
        OutboxEvent, on_delete=models.DO_NOTHING, related_name="deliveries", db_constraint=False, db_index=False
    )
    handler = models.CharField(max_length=100)
    tenant_id = models.UUIDField()
    lane = models.BigIntegerField()
    aggregate_version = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    dispatch_id = models.BigIntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    error_class = models.CharField(max_length=200, blank=True, default="")
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="outbox_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="leased", dispatch_id__isnull=False)
                | (~Q(state="leased") & Q(dispatch_id__isnull=True)),
                name="outbox_lease_has_dispatch",
            ),
            models.CheckConstraint(condition=Q(lane__gte=0), name="outbox_delivery_lane_positive"),
        ]
        # Neither the state nor the times are indexed: so an update stays on its page and touches no index.
        indexes = [
            models.Index(fields=["tenant_id", "lane", "handler", "aggregate_version"], name="outbox_delivery_lane")
        ]

    def __str__(self) -> str:
        return f"{self.handler} ← {self.event_id}"


class DeadLetter(models.Model):
    """A delivery that was given up: everything that is needed to understand it and to try again."""

    class State(models.TextChoices):
        DEAD = "dead"
        RETRIED = "retried"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(
        OutboxEvent, on_delete=models.DO_NOTHING, related_name="dead_letters", db_constraint=False, db_index=False
    )
    event_type = models.CharField(max_length=80)
    tenant_id = models.UUIDField()
    handler = models.CharField(max_length=100)
    lane = models.BigIntegerField()
    aggregate_type = models.CharField(max_length=64)
    aggregate_id = models.UUIDField()
    aggregate_version = models.BigIntegerField()
    attempts = models.PositiveIntegerField()
    error_class = models.CharField(max_length=200)
    error = models.TextField()
    occurred_at = models.DateTimeField()
    died_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.DEAD)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-died_at", "-id")
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], condition=Q(state="dead"), name="outbox_dead_once"),
            models.CheckConstraint(
                condition=Q(state="dead", resolved_at__isnull=True) | (~Q(state="dead") & Q(resolved_at__isnull=False)),
                name="outbox_resolved_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-died_at", "-id"], name="outbox_letters_of_tenant"),
            models.Index(F("died_at").desc(), F("id").desc(), condition=Q(state="dead"), name="outbox_letters_dead"),
            models.Index(
                fields=["tenant_id", "-died_at", "-id"], condition=Q(state="dead"), name="outbox_letters_tenant_dead"
            ),
            models.Index(fields=["event"], name="outbox_letters_event"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} ✕ {self.event_type}"


class DeadLetterAct(models.Model):
    """What was done with a dead letter, by whom and why. The database refuses to change or delete it."""

    class Action(models.TextChoices):
        RETRY = "retry"
        DISCARD = "discard"

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(DeadLetter, on_delete=models.PROTECT, related_name="acts")
    action = models.CharField(max_length=8, choices=Action)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class Lease(models.Model):
    """One partition of a group of relays or consumers, and which member owns it for as long as it lives."""

    group = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    owner = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "number"], name="outbox_lease_once")]


class Member(models.Model):
    """A living relay or consumer of a group; partitions are shared out among the living."""

    group = models.CharField(max_length=80)
    owner = models.UUIDField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "owner"], name="outbox_member_once")]
