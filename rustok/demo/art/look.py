"""What a picture shows, and the register of those who can draw it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Ink


@dataclass(frozen=True)
class Picture:
    """One drawing: the same picture always gives the same bytes."""

    subject: str
    colour: str = "#5b7f6b"
    accent: str = "#e2a04a"
    style: str = ""
    title: str = ""
    byline: str = ""
    backdrop: str = "studio"
    seed: str = ""


@dataclass
class Look:
    """What a subject is drawn with."""

    main: Ink
    accent: Ink
    style: str = ""
    title: str = ""
    byline: str = ""
    dice: random.Random = field(default_factory=lambda: random.Random(7))


Subject: TypeAlias = Callable[[Canvas, Look], None]
SUBJECTS: dict[str, Subject] = {}


def subject(name: str) -> Callable[[Subject], Subject]:
    """Register a drawing under a name."""

    def register(draw: Subject) -> Subject:
        SUBJECTS[name] = draw
        return draw

    return register
