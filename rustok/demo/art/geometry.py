"""Shapes as lists of points; no pixels here."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = list[Point]
#: What a canvas takes.
Outline: TypeAlias = Sequence[Point]


def box(x: float, y: float, width: float, height: float) -> Points:
    """List a rectangle's corners."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> Points:
    """Walk an ellipse, or a circle without `ry`."""
    return arc(cx, cy, rx, 0, 360, ry, closed=True)


def arc(
    cx: float, cy: float, rx: float, start: float, end: float, ry: float | None = None, *, closed: bool = False
) -> Points:
    """Walk an arc in degrees, clockwise from three o'clock."""
    ry = rx if ry is None else ry
    steps = max(8, int(abs(end - start) / 360 * 56))
    last = steps if closed else steps + 1
    turns = [math.radians(start + (end - start) * step / steps) for step in range(last)]
    return [(cx + rx * math.cos(turn), cy + ry * math.sin(turn)) for turn in turns]


def rounded(x: float, y: float, width: float, height: float, *radii: float) -> Points:
    """A box with round corners: one radius for all, or top left, top right, bottom right, bottom left."""
    four = radii if len(radii) == 4 else radii[:1] * 4
    corners = (
        (x, y, 1, 1, 180),
        (x + width, y, -1, 1, 270),
        (x + width, y + height, -1, -1, 0),
        (x, y + height, 1, -1, 90),
    )
    points: Points = []
    for (cx, cy, sx, sy, start), wished in zip(corners, four, strict=True):
        radius = min(wished, width / 2, height / 2)
        points += arc(cx + sx * radius, cy + sy * radius, radius, start, start + 90)
    return points


def smooth(anchors: Sequence[Point], *, closed: bool = True, steps: int = 8) -> Points:
    """Run a Catmull-Rom curve through the anchors."""
    count = len(anchors)
    points: Points = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (anchors[(index + shift) % count] for shift in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (anchors[min(max(index + shift, 0), count - 1)] for shift in (-1, 0, 1, 2))
        points += [_catmull(p0, p1, p2, p3, step / steps) for step in range(steps)]
    return points if closed else [*points, anchors[-1]]


def _catmull(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def along(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return along(p0[0], p1[0], p2[0], p3[0]), along(p0[1], p1[1], p2[1], p3[1])


def curve(p0: Point, p1: Point, p2: Point, p3: Point, steps: int = 20) -> Points:
    """Walk a cubic Bezier curve."""
    points: Points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append((a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0], a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1]))
    return points


def turned(points: Iterable[Point], degrees: float, cx: float = 500, cy: float = 500) -> Points:
    """Turn about a point."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in points]


def mirrored(points: Iterable[Point], cx: float = 500) -> Points:
    """Mirror at a vertical line."""
    return [(2 * cx - x, y) for x, y in points]


def moved(points: Iterable[Point], dx: float, dy: float) -> Points:
    """Shift."""
    return [(x + dx, y + dy) for x, y in points]


def grown(points: Iterable[Point], factor: float, cx: float = 500, cy: float = 500) -> Points:
    """Scale about a point."""
    return [(cx + (x - cx) * factor, cy + (y - cy) * factor) for x, y in points]


def both(half: Sequence[Point], cx: float = 500) -> Points:
    """Close a right half, walked top to bottom, into a symmetric outline."""
    return [*half, *mirrored(reversed(half), cx)]


def leaf(x: float, y: float, length: float, width: float, degrees: float) -> Points:
    """A leaf that grows from (x, y) in a direction."""
    side = curve((x, y), (x + length * 0.3, y - width), (x + length * 0.75, y - width * 0.7), (x + length, y), 12)
    other = curve((x + length, y), (x + length * 0.7, y + width * 0.8), (x + length * 0.3, y + width), (x, y), 12)
    return turned([*side, *other[1:-1]], degrees, x, y)


def ridge(
    dice: random.Random, width: float, base: float, height: float, floor: float, rough: float = 0.5, steps: int = 6
) -> Points:
    """A mountain line by midpoint displacement, closed along the floor."""
    line = [base - dice.random() * height, base - dice.random() * height]
    span = height
    for _ in range(steps):
        line = [
            part
            for left, right in itertools.pairwise(line)
            for part in (left, (left + right) / 2 + dice.uniform(-span, span) / 2)
        ] + [line[-1]]
        span *= rough
    gap = width / (len(line) - 1)
    return [(index * gap, y) for index, y in enumerate(line)] + [(width, floor), (0, floor)]


def hill(dice: random.Random, width: float, base: float, height: float, floor: float, bumps: int = 4) -> Points:
    """A soft rolling hill line, closed along the floor."""
    gap = width / bumps
    anchors = [(gap * (index - 1), base - dice.random() * height) for index in range(bumps + 3)]
    return [*smooth(anchors, closed=False, steps=12), (width + gap, floor), (-gap, floor)]
