"""What stands behind a product: a studio, a shelf or a landscape."""

from __future__ import annotations

import random

from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Ink, Linear, Radial, dark, light, mix
from rustok.demo.art.geometry import box, ellipse, hill, ridge
from rustok.demo.art.look import Look

_TINTS = ("#dfe7e2", "#e9e2d6", "#dde5ec", "#ece4dd", "#e3e6da", "#e6e1ea", "#dce8e8", "#f0e6d8")
_WARM_TINTS = ("#f1e3d3", "#ecdcd3", "#e4e3d6", "#efe0dc", "#dfe2e4", "#f3e8d2", "#e6dfe6", "#dde6dd")


def studio(art: Canvas, look: Look) -> None:
    """A pale wall, a disc of light and a soft floor."""
    _studio(art, look.dice.choice(_TINTS), look)


def warm(art: Canvas, look: Look) -> None:
    """The same studio in the colours of a café."""
    _studio(art, look.dice.choice(_WARM_TINTS), look)


def _studio(art: Canvas, tint: Ink, look: Look) -> None:
    tone = mix(tint, look.main, 0.1)
    art.fill(box(0, 0, art.right, 1000), Radial((light(tone, 0.75), tone, dark(tone, 0.08)), 0.42, 0.36, 0.85))
    art.fill(ellipse(500, 470, 372), Linear((light(tone, 0.72), mix(tone, look.main, 0.12)), 100), alpha=0.85)
    art.fill(
        [(0, 770), (1000, 770), (1000, 1000), (0, 1000)],
        Linear((dark(tone, 0.1), light(tone, 0.3)), 90),
        alpha=0.8,
        blur=6,
    )
    art.fill(box(-20, 752, 1040, 24), light(tone, 0.5), alpha=0.5, blur=14)


_SKIES = {
    "dawn": (("#f7c9a0", "#f6e3c4", "#cfe0df"), ("#b6c9cc", "#7fa3a4", "#4d7a74", "#2f574f", "#20423b")),
    "day": (("#7fb5d6", "#c7e1e8", "#f3eedd"), ("#b4cfd8", "#86b09f", "#5e936f", "#3f7553", "#2c5940")),
    "dusk": (("#3b3a6b", "#a2607a", "#f4a870"), ("#8a6480", "#634d74", "#453f63", "#2f3150", "#1f233b")),
    "night": (("#111a3a", "#25386a", "#4f6c96"), ("#3f577f", "#2e4468", "#213455", "#172642", "#101b31")),
    "autumn": (("#8fb7c9", "#e5dcc3", "#f6d9a6"), ("#c3b6a0", "#c28e5c", "#a5633a", "#774427", "#4c2f1f")),
    "snow": (("#8db4d4", "#cfe2ef", "#f4f1ea"), ("#c9d9e6", "#a9c1d6", "#dfe8ef", "#eef3f6", "#f8fafb")),
    "desert": (("#e98b5f", "#f6bf86", "#fbe7c2"), ("#e0a27b", "#c97d57", "#a95c3f", "#80402d", "#5b2c22")),
    "sea": (("#8cc3d8", "#d3ebe9", "#fbf2de"), ("#9fc6cf", "#6fa9b4", "#3f8794", "#2a6b7a", "#1d4e5b")),
}
SCENES = tuple(_SKIES)


def layers(mood: str) -> tuple[str, ...]:
    """Answer a mood's colours of the land, far to near."""
    return _SKIES[mood][1]


def landscape(art: Canvas, dice: random.Random, mood: str, *, horizon: float = 560, sun: float = 0.68) -> None:
    """Sky, sun or moon, layers of mountains, hills and trees."""
    sky, land = _SKIES[mood]
    width = art.right
    art.fill(box(0, 0, width, 1000), Linear(sky, 90))
    _sun(art, width * sun, horizon - 210, mood, dice)
    _massif(art, dice, horizon + 40, land, snowy=mood in ("snow", "day", "dawn", "dusk", "night"))
    art.fill(box(0, horizon - 40, width, 90), light(sky[2], 0.4), alpha=0.4, blur=40)
    art.fill(ridge(dice, width, horizon + 50, 110, 1000, 0.48), Linear((land[1], mix(land[1], land[2], 0.6)), 90))
    if mood == "sea":
        _water(art, dice, horizon + 70)
    else:
        art.fill(hill(dice, width, horizon + 130, 70, 1000), Linear((land[2], land[3]), 90))
        trees(art, dice, horizon + 150, land[3], count=int(width / 34), height=80)
    art.fill(hill(dice, width, horizon + 250, 60, 1000, 3), Linear((land[3], land[4]), 90))


def _massif(art: Canvas, dice: random.Random, base: float, land: tuple[str, ...], *, snowy: bool) -> None:
    """Peaks with a lit and a shaded flank, the far ones first."""
    for far, count in ((0.55, 7), (0.2, 5)):
        ink = light(land[0], far * 0.5)
        gap = art.right / count
        for index in range(count + 1):
            _peak(
                art,
                dice,
                gap * (index + dice.uniform(-0.3, 0.3)),
                base,
                dice.uniform(0.55, 1) * (330 - far * 160),
                ink,
                snowy,
            )


def _peak(art: Canvas, dice: random.Random, x: float, base: float, tall: float, ink: Ink, snowy: bool) -> None:
    top, half = base - tall, tall * dice.uniform(0.95, 1.3)
    spine = [
        (x, top),
        (x + half * 0.1, top + tall * 0.22),
        (x - half * 0.04, top + tall * 0.42),
        (x + half * 0.12, top + tall * 0.7),
        (x + half * 0.05, base),
    ]
    left = [(x - half * 0.28, top + tall * 0.3), (x - half * 0.5, top + tall * 0.46), (x - half, base)]
    right = [(x + half * 0.3, top + tall * 0.27), (x + half * 0.48, top + tall * 0.5), (x + half, base)]
    art.fill([(x, top), *left, *right[::-1]], Linear((light(ink, 0.22), ink), 90))
    art.fill([*spine, *right[::-1]], Linear((dark(ink, 0.16), mix(ink, dark(ink), 0.2)), 90))
    if snowy:
        art.fill(
            [
                (x, top),
                (x - half * 0.2, top + tall * 0.215),
                (x - half * 0.1, top + tall * 0.19),
                (x - half * 0.05, top + tall * 0.28),
                (x + half * 0.06, top + tall * 0.2),
                (x + half * 0.13, top + tall * 0.26),
                (x + half * 0.2, top + tall * 0.18),
            ],
            "#fbfaf6",
            alpha=0.9,
        )


def trees(
    art: Canvas,
    dice: random.Random,
    base: float,
    ink: Ink,
    *,
    count: int,
    height: float,
    left: float = 0,
    right: float | None = None,
) -> None:
    """A row of firs."""
    reach = art.right if right is None else right
    for _ in range(count):
        x = dice.uniform(left, reach)
        tall = height * dice.uniform(0.55, 1.15)
        fir(art, x, base + dice.uniform(-14, 22), tall, mix(ink, dark(ink), dice.random() * 0.5))


def fir(art: Canvas, x: float, base: float, tall: float, ink: Ink) -> None:
    """One fir of three tiers."""
    half = tall * 0.26
    art.fill(
        [
            (x, base - tall),
            (x + half * 0.5, base - tall * 0.66),
            (x + half * 0.3, base - tall * 0.66),
            (x + half * 0.8, base - tall * 0.34),
            (x + half * 0.5, base - tall * 0.34),
            (x + half, base),
            (x - half, base),
            (x - half * 0.5, base - tall * 0.34),
            (x - half * 0.8, base - tall * 0.34),
            (x - half * 0.3, base - tall * 0.66),
            (x - half * 0.5, base - tall * 0.66),
        ],
        ink,
    )


def _sun(art: Canvas, x: float, y: float, mood: str, dice: random.Random) -> None:
    if mood == "night":
        for _ in range(70):
            art.fill(
                ellipse(dice.uniform(0, art.right), dice.uniform(0, 420), dice.uniform(1, 2.6)),
                "#f4f2e4",
                alpha=dice.uniform(0.4, 1),
            )
        art.fill(ellipse(x, y, 110), "#dfe6ff", alpha=0.2, blur=50)
        art.fill(ellipse(x, y, 46), "#f3efdd")
        art.fill(ellipse(x + 18, y - 8, 40), "#2c4274")
        return
    art.fill(ellipse(x, y, 200), "#fff3d2", alpha=0.5, blur=80)
    art.fill(ellipse(x, y, 70), Linear(("#fff6dc", "#ffe1a3"), 90), alpha=0.95)
    for _ in range(4):
        cx, cy, wide = dice.uniform(0, art.right), dice.uniform(90, 260), dice.uniform(70, 150)
        for shift in (-0.5, 0, 0.55):
            art.fill(ellipse(cx + shift * wide, cy + abs(shift) * 16, wide * 0.6, 20), "#ffffff", alpha=0.4, blur=6)


def _water(art: Canvas, dice: random.Random, top: float) -> None:
    art.fill(box(0, top, art.right, 1000), Linear(("#bfe0de", "#5fa6b0", "#2a6b7a"), 90))
    for _ in range(46):
        y = top + dice.random() ** 1.6 * 230
        x, wide = dice.uniform(-50, art.right), dice.uniform(30, 150)
        art.line([(x, y), (x + wide, y)], 3, "#eefaf6", alpha=0.45)


def scene(art: Canvas, look: Look, mood: str) -> None:
    """A landscape with an open place for a product in front."""
    landscape(art, look.dice, mood, horizon=470, sun=look.dice.choice((0.2, 0.8)))
    meadow = light(_SKIES[mood][1][3], 0.14)
    art.fill(hill(look.dice, 1000, 800, 30, 1000, 3), Linear((light(meadow, 0.1), dark(meadow, 0.3)), 90))
    for _ in range(26):
        x, y = look.dice.uniform(0, 1000), look.dice.uniform(860, 1000)
        art.line(
            [(x, y), (x + look.dice.uniform(-8, 8), y - look.dice.uniform(14, 34))], 4, light(meadow, 0.3), alpha=0.6
        )


def desk(art: Canvas, look: Look) -> None:
    """A wooden table before a window wall."""
    wall = look.dice.choice(("#d9c8b4", "#c9d1c8", "#d5c3bb", "#c4ccd2"))
    art.fill(box(0, 0, art.right, 1000), Linear((light(wall, 0.45), wall), 20))
    art.fill([(80, -20), (430, -20), (760, 720), (300, 720)], "#fff6e0", alpha=0.5, blur=26)
    table(art, 730)


def table(art: Canvas, top: float, ink: Ink = "#9a6a45") -> None:
    """Boards to the lower edge."""
    art.fill(box(-5, top, art.right + 10, 1010 - top), Linear((light(ink, 0.16), dark(ink, 0.14)), 90))
    art.fill(box(-5, top, art.right + 10, 9), light(ink, 0.4))
    for step, y in enumerate((top + 62, top + 140, top + 228)):
        art.fill(box(-5, y, art.right + 10, 3 + step), dark(ink, 0.35), alpha=0.5)
