"""Publishing, claiming, delivering, dead letters, replays and retention: one file each."""

from apps.outbox.services.claiming import (
    BATCH,
    Claim,
    Flight,
    Position,
    claim,
    claim_lanes,
    expire,
    in_flight,
    release,
    tenants_with_work,
    unpark,
)
from apps.outbox.services.dead_letters import (
    AT_ONCE,
    LetterFilter,
    NoReason,
    NotDead,
    discard_dead_letter,
    discard_matching,
    letters,
    retry_dead_letter,
    retry_matching,
)
from apps.outbox.services.delivering import deliver, give_up
from apps.outbox.services.draining import deliver_lanes
from apps.outbox.services.publishing import OutboxPublisher, lane_of
from apps.outbox.services.replays import (
    EmptyRange,
    Plan,
    Replay,
    UnknownHandler,
    UnknownType,
    Wave,
    count_of,
    plan,
    replay,
    replay_event,
)
from apps.outbox.services.retention import ensure_partitions, first_id, prune

__all__ = [
    "AT_ONCE", "BATCH", "Claim", "EmptyRange", "Flight", "LetterFilter", "NoReason", "NotDead", "OutboxPublisher",
    "Plan", "Position", "Replay", "UnknownHandler", "UnknownType", "Wave", "claim", "claim_lanes", "count_of",
    "deliver", "deliver_lanes", "discard_dead_letter", "discard_matching", "ensure_partitions", "expire", "first_id",
    "give_up", "in_flight", "lane_of", "letters", "plan", "prune", "release", "replay", "replay_event",
    "retry_dead_letter", "retry_matching", "tenants_with_work", "unpark",
]  # fmt: skip
