"""What the probes announce. Writers publish all three versions of `probe.happened`, as during a deployment."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from rustok.kernel.events import Event, event, upcaster

__all__ = ["ProbeDared", "ProbeFlooded", "ProbeHappened", "ProbeHappenedV1", "ProbeHappenedV2"]


@event("probe.happened", version=1)
class ProbeHappenedV1(Event):
    """What the oldest code says."""

    number: int


@event("probe.happened", version=2)
class ProbeHappenedV2(Event):
    """It learnt a word."""

    number: int
    word: Annotated[str, Meta(max_length=20)] = ""


@event("probe.happened", version=3)
class ProbeHappened(Event):
    """And calls it a name."""

    number: int
    name: Annotated[str, Meta(max_length=20)] = ""


@upcaster("probe.happened", from_version=1)
def add_word(payload: dict[str, Any]) -> dict[str, Any]:
    return payload | {"word": "one"}


@upcaster("probe.happened", from_version=2)
def rename_word(payload: dict[str, Any]) -> dict[str, Any]:
    return {"number": payload["number"], "name": payload["word"]}


@event("probe.flooded", version=1)
class ProbeFlooded(Event):
    """Said very often."""

    number: int


@event("probe.dared", version=1)
class ProbeDared(Event):
    """Asks its handlers to do something bad."""

    deed: Annotated[str, Meta(max_length=20)]
    seconds: float = 0
