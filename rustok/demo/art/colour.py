"""Colours as RGB triples, and the paints that fill a shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from PIL import Image

Rgb: TypeAlias = tuple[int, int, int]
Ink: TypeAlias = str | Rgb

_RAMP = Image.linear_gradient("L")
_RINGS = Image.radial_gradient("L")


def rgb(ink: Ink) -> Rgb:
    """Read `#rrggbb` or pass a triple through."""
    if isinstance(ink, tuple):
        return ink
    return int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16)


def mix(a: Ink, b: Ink, t: float) -> Rgb:
    """Go from a (t=0) to b (t=1)."""
    one, two = rgb(a), rgb(b)
    return (
        round(one[0] + (two[0] - one[0]) * t),
        round(one[1] + (two[1] - one[1]) * t),
        round(one[2] + (two[2] - one[2]) * t),
    )


def light(ink: Ink, t: float = 0.25) -> Rgb:
    """Lighten towards a warm white, as sunlight does."""
    return mix(ink, (255, 250, 238), t)


def dark(ink: Ink, t: float = 0.25) -> Rgb:
    """Darken towards a blue night, so that shadows stay clean."""
    return mix(ink, (18, 22, 44), t)


def luminance(ink: Ink) -> float:
    """Answer how bright a colour looks, from 0 to 1."""
    red, green, blue = rgb(ink)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


@dataclass(frozen=True)
class Linear:
    """Colours along a line; angle 0 runs left to right, 90 top to bottom."""

    stops: tuple[Ink, ...]
    angle: float = 90

    def fill(self, size: tuple[int, int]) -> Image.Image:
        """Answer an image of that size in this paint."""
        dx, dy = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        span = abs(dx) + abs(dy)
        across, down = 255 * dx / span, 255 * dy / span
        place = (0, 0, 128, across / size[0], down / size[1], 127.5 - (across + down) / 2)
        return _coloured(_RAMP.transform(size, Image.Transform.AFFINE, place, Image.Resampling.BILINEAR), self.stops)


@dataclass(frozen=True)
class Radial:
    """Colours from a centre outwards; centre and reach are parts of the box."""

    stops: tuple[Ink, ...]
    cx: float = 0.5
    cy: float = 0.5
    reach: float = 0.75

    def fill(self, size: tuple[int, int]) -> Image.Image:
        """Answer an image of that size in this paint."""
        half = 127.5 / self.reach
        place = (half / size[0], 0, 128 - self.cx * half, 0, half / size[1], 128 - self.cy * half)
        distance = _RINGS.transform(size, Image.Transform.AFFINE, place, Image.Resampling.BILINEAR, fillcolor=255)
        return _coloured(distance, self.stops)


Paint: TypeAlias = str | Rgb | Linear | Radial


def _coloured(levels: Image.Image, stops: tuple[Ink, ...]) -> Image.Image:
    """Give each of 256 levels its colour; finer than any patch, so that large areas show no steps."""
    levels.putpalette(_palette(stops))
    return levels.convert("RGB")


@lru_cache(maxsize=1024)
def _palette(stops: tuple[Ink, ...]) -> bytes:
    count = len(stops)
    few = Image.frombytes("RGB", (count, 1), bytes(part for stop in stops for part in rgb(stop)))
    return few.resize((256, 1), Image.Resampling.BILINEAR, (0.5, 0, count - 0.5, 1)).tobytes()
