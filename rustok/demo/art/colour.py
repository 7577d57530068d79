"""Colours as RGB triples, and the paints that fill a shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from PIL import Image

Rgb: TypeAlias = tuple[int, int, int]
Ink: TypeAlias = str | Rgb

_PATCH = 12
#: Below this side in pixels a patch is as good as a ramp, and quicker.
_SMALL = 200
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
        if max(size) < _SMALL:
            return _linear_patch(self.stops, self.angle).resize(size, Image.Resampling.BILINEAR)
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
    colours = _scale(stops)
    return Image.merge("RGB", [levels.point([colour[band] for colour in colours]) for band in range(3)])


@lru_cache(maxsize=512)
def _scale(stops: tuple[Ink, ...]) -> list[Rgb]:
    return [_at(stops, level / 255) for level in range(256)]


def _at(stops: tuple[Ink, ...], t: float) -> Rgb:
    place = min(max(t, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    return mix(stops[index], stops[index + 1], place - index)


@lru_cache(maxsize=512)
def _linear_patch(stops: tuple[Ink, ...], angle: float) -> Image.Image:
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    span = abs(dx) + abs(dy)
    cells = []
    for row in range(_PATCH):
        for column in range(_PATCH):
            x, y = column / (_PATCH - 1) - 0.5, row / (_PATCH - 1) - 0.5
            cells.append(_at(stops, (x * dx + y * dy) / span + 0.5))
    return _patch(cells, _PATCH)


def _patch(cells: list[Rgb], side: int) -> Image.Image:
    return Image.frombytes("RGB", (side, side), bytes(part for cell in cells for part in cell))
