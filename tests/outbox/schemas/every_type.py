"""An event that holds all that a payload may hold."""

from __future__ import annotations

import enum
from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from rustok.kernel.events import Event, Locale, Moment


class Colour(enum.Enum):
    RED = "red"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    piece_id: UUID
    on_sale: bool
    weight: Annotated[float, Meta(gt=2, le=9)]


class EveryType(Event):
    """All that a payload may hold."""

    one_id: UUID
    none: Annotated[str, Meta(max_length=4)] | None
    code: Annotated[str, Meta(min_length=8, max_length=8)]
    count: Annotated[int, Meta(ge=5, lt=9)]
    minus: Annotated[int, Meta(lt=0)]
    locale: Locale
    kind: Literal["a", "b"]
    colour: Colour
    at: Moment
    day: date
    clock: time
    one: Annotated[list[Piece], Meta(min_length=1, max_length=1)]
    three: Annotated[list[Annotated[str, Meta(max_length=9)]], Meta(min_length=3, max_length=9)]
    few: Annotated[frozenset[UUID], Meta(max_length=2)]
    prices: Annotated[dict[Locale, int], Meta(max_length=5)]
