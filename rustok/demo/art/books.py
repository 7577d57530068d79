"""Books: a volume with pages and a hinge, and the designs on its cover."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas, Clip
from rustok.demo.art.colour import Linear, dark, light, luminance, mix
from rustok.demo.art.geometry import arc, box, curve, ellipse, hill, leaf, ridge, rounded, smooth, turned
from rustok.demo.art.look import Look, subject

LEFT, TOP, WIDE, TALL = 222.0, 110.0, 530.0, 760.0


@subject("book")
def book(art: Canvas, look: Look) -> None:
    """Draw a hardback with the cover that `style` names."""
    ground(art, 505, 882, 320, 30, 0.42)
    right, bottom = LEFT + WIDE, TOP + TALL
    art.shadow(box(LEFT, TOP + 10, WIDE + 30, TALL), dx=18, dy=22, blur=26, alpha=0.38)
    art.fill(
        [(right - 20, TOP + 8), (right + 34, TOP + 26), (right + 34, bottom - 2), (right - 20, bottom)],
        Linear((dark(look.main, 0.45), dark(look.main, 0.2)), 0),
    )
    art.fill(
        [(right - 20, TOP + 14), (right + 27, TOP + 32), (right + 27, bottom - 12), (right - 20, bottom - 10)],
        Linear(("#c9bfa8", "#f6f0e0"), 0),
    )
    for step in range(6):
        art.line([(right + 2 + step * 4.4, TOP + 30), (right + 2 + step * 4.4, bottom - 14)], 1.4, "#b8ac92", alpha=0.7)
    front = rounded(LEFT, TOP, WIDE, TALL, 8)
    art.fill(front, Linear((light(look.main, 0.08), look.main, dark(look.main, 0.08)), 60))
    face = art.clip(front)
    with art.at(LEFT, TOP, 1):
        COVERS[look.style or "sun"](art, look, face)
        _lettering(art, look)
    art.fill(box(LEFT, TOP, 40, TALL), Linear((light(look.main, 0.7), dark(look.main, 0.5)), 0), alpha=0.2, clip=face)
    art.fill(box(LEFT + 40, TOP, 7, TALL), "#101426", alpha=0.3, blur=3, clip=face)
    art.fill(
        [(LEFT + 300, TOP), (LEFT + 460, TOP), (LEFT + 160, bottom), (LEFT, bottom)], "#ffffff", alpha=0.06, clip=face
    )


@subject("book-stack")
def book_stack(art: Canvas, look: Look) -> None:
    """Draw a lying stack of books, for bundles and gifts."""
    ground(art, 500, 838, 350, 28)
    inks = (
        look.main,
        look.accent,
        mix(look.main, "#f0e6d2", 0.7),
        dark(look.main, 0.35),
        mix(look.accent, "#3a2b2b", 0.35),
    )
    y = 836.0
    for index, ink in enumerate(inks):
        thick = look.dice.choice((84, 96, 110))
        wide = look.dice.uniform(500, 600)
        left = 500 - wide / 2 + look.dice.uniform(-24, 24)
        y -= thick
        art.fill(rounded(left + 14, y + 12, wide - 20, thick - 24, 4), Linear(("#f7f1e2", "#cfc4ab"), 90))
        for line in range(3):
            art.line(
                [(left + 30, y + 26 + line * (thick - 50) / 2), (left + wide - 10, y + 26 + line * (thick - 50) / 2)],
                1.6,
                "#b8ac92",
            )
        art.body(rounded(left, y, wide, 15, 6), ink, angle=90, depth=0.7)
        art.body(rounded(left, y + thick - 15, wide, 15, 6), ink, angle=90, depth=0.7)
        art.body(rounded(left, y, 64, thick, 20, 4, 4, 20), ink, angle=90)
        art.line([(left + 46, y + 4), (left + 46, y + thick - 4)], 5, light(ink, 0.5), alpha=0.6)
        if index == 2:
            art.fill(
                [
                    (left + wide - 90, y + thick - 20),
                    (left + wide - 60, y + thick - 20),
                    (left + wide - 60, y + thick + 60),
                    (left + wide - 75, y + thick + 44),
                    (left + wide - 90, y + thick + 60),
                ],
                look.accent,
            )
    if look.style == "ribbon":
        art.fill(box(470, y - 4, 60, 844 - y), "#b3413a")
        for side in (-1, 1):
            loop = smooth(
                [(500, y - 4), (500 + side * 70, y - 90), (500 + side * 150, y - 70), (500 + side * 110, y - 14)],
                steps=8,
            )
            art.body(loop, "#b3413a")
        art.body(ellipse(500, y - 18, 30, 24), "#9c332e")


def _lettering(art: Canvas, look: Look) -> None:
    """Set the title above the design and the author below it."""
    ink = "#fbf5e6" if luminance(look.main) < 0.58 else "#22242e"
    lines = _wrap(look.title, 13)
    size = min(74.0, 430 / max(art.measure(line, 100) / 100 for line in lines), 190 / len(lines))
    middle = WIDE / 2 + 22
    for index, line in enumerate(lines):
        art.text(middle, 84 + size * 0.2 + index * size * 1.1, line, size, ink, bold=0.012)
    if look.byline:
        art.fill(box(47, TALL - 76, WIDE - 47, 76), dark(look.main, 0.35))
        art.text(middle, TALL - 38, look.byline.upper(), 25, "#fbf5e6", spread=0.14)


def _wrap(title: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


Cover = Callable[[Canvas, Look, Clip], None]


def _sun(art: Canvas, look: Look, face: Clip) -> None:
    """A low sun over layered hills."""
    art.fill(box(0, 0, WIDE, TALL), Linear((look.main, mix(look.main, look.accent, 0.7)), 90), clip=face)
    art.fill(ellipse(290, 470, 128), Linear((light(look.accent, 0.6), look.accent), 90), clip=face)
    for step in range(4):
        art.fill(
            hill(look.dice, WIDE, 540 + step * 56, 70, TALL, 3),
            mix(look.accent, dark(look.main, 0.55), 0.35 + step * 0.2),
            clip=face,
        )


def _waves(art: Canvas, look: Look, face: Clip) -> None:
    """Rows of scales, as waves are drawn on old maps."""
    for row in range(9):
        for column in range(-1, 7):
            x, y = column * 96 + (row % 2) * 48, 360 + row * 50
            for ring, ink in (
                (52, light(look.main, 0.75)),
                (42, look.main),
                (31, look.accent),
                (20, dark(look.main, 0.3)),
                (9, look.accent),
            ):
                art.fill(ellipse(x, y + 30, ring), ink, clip=face)
    boat = [(230, 330), (350, 330), (326, 366), (252, 366)]
    art.fill(boat, light(look.accent, 0.5), clip=face)
    art.fill([(288, 320), (288, 226), (340, 318)], light(look.main, 0.85), clip=face)
    art.fill([(280, 320), (280, 246), (244, 318)], look.accent, clip=face)


def _rings(art: Canvas, look: Look, face: Clip) -> None:
    """Concentric circles, shifted halves."""
    for cx, cy, turn in ((290, 470, 0), (290, 470, 180)):
        for step in range(7):
            ink = look.accent if step % 2 == 0 else light(look.main, 0.7)
            radius = 220 - step * 32
            shift = 0 if turn == 0 else 16
            art.fill(
                arc(cx + (turn and shift), cy, radius, turn - 90, turn + 90),
                mix(ink, look.main, 0.3 if turn else 0.0),
                clip=face,
            )


def _peaks(art: Canvas, look: Look, face: Clip) -> None:
    """Mountains under a moon."""
    art.fill(box(0, 0, WIDE, TALL), Linear((dark(look.main, 0.3), look.main, light(look.main, 0.35)), 90), clip=face)
    art.fill(ellipse(390, 350, 56), light(look.accent, 0.4), clip=face)
    for x, y, tall, ink in (
        (170, 330, 500, light(look.main, 0.3)),
        (370, 420, 400, mix(look.main, look.accent, 0.35)),
        (230, 520, 300, dark(look.main, 0.4)),
    ):
        art.fill([(x, y), (x + tall * 0.62, y + tall), (x - tall * 0.62, y + tall)], ink, clip=face)
        art.fill(
            [
                (x, y),
                (x + tall * 0.13, y + tall * 0.21),
                (x + tall * 0.05, y + tall * 0.17),
                (x - tall * 0.02, y + tall * 0.24),
                (x - tall * 0.13, y + tall * 0.21),
            ],
            "#fbf5ea",
            clip=face,
        )


def _bauhaus(art: Canvas, look: Look, face: Clip) -> None:
    """A grid of quarter circles and triangles."""
    inks = (look.accent, light(look.main, 0.75), dark(look.main, 0.35), mix(look.main, look.accent, 0.5), look.main)
    side = 121.0
    for row in range(3):
        for column in range(4):
            x, y = 47 + column * side, 300 + row * side
            cell = art.clip(box(x, y, side, side), face)
            ground_ink, shape_ink = look.dice.sample(inks, 2)
            art.fill(box(x, y, side, side), ground_ink, clip=cell)
            corner = look.dice.choice(((x, y), (x + side, y), (x, y + side), (x + side, y + side)))
            kind = look.dice.randrange(4)
            if kind == 0:
                art.fill(ellipse(*corner, side), shape_ink, clip=cell)
            elif kind == 1:
                art.fill(ellipse(x + side / 2, y + side / 2, side * 0.36), shape_ink, clip=cell)
            elif kind == 2:
                art.fill([(x, y), (x + side, y), corner if corner[1] > y else (x, y + side)], shape_ink, clip=cell)
            else:
                for ring in (1.0, 0.66, 0.33):
                    art.fill(ellipse(*corner, side * ring), shape_ink if ring != 0.66 else ground_ink, clip=cell)


def _leaves(art: Canvas, look: Look, face: Clip) -> None:
    """Stems with leaves from the lower edge."""
    for x, lean, tall in ((140, -12, 400), (285, 4, 470), (430, 14, 390), (220, -6, 300), (370, 8, 310)):
        ink = look.dice.choice((look.accent, light(look.main, 0.55), mix(look.main, look.accent, 0.5)))
        top = (x + lean * 5, TALL - tall)
        art.line([(x, TALL + 10), top], 5, ink, clip=face)
        for step in range(6):
            t = 0.25 + step * 0.13
            px, py = x + (top[0] - x) * t, TALL + (top[1] - TALL) * t
            for turn in (-150, -30):
                art.fill(leaf(px, py, 92 - step * 8, 24, turn + lean), ink, clip=face)
        art.fill(leaf(*top, 74, 20, -90 + lean), ink, clip=face)


def _night(art: Canvas, look: Look, face: Clip) -> None:
    """A starry sky with a house that is awake."""
    art.fill(
        box(0, 0, WIDE, TALL),
        Linear((dark(look.main, 0.5), look.main, mix(look.main, look.accent, 0.35)), 90),
        clip=face,
    )
    for _ in range(60):
        art.fill(
            ellipse(look.dice.uniform(50, WIDE), look.dice.uniform(20, 560), look.dice.uniform(1.2, 4)),
            "#fdf3d4",
            clip=face,
        )
    art.fill(ellipse(400, 330, 62), light(look.accent, 0.4), clip=face)
    art.fill(ellipse(425, 316, 54), dark(look.main, 0.28), clip=face)
    art.fill(hill(look.dice, WIDE, 650, 60, TALL, 2), dark(look.main, 0.7), clip=face)
    art.fill([(200, 640), (200, 550), (270, 490), (340, 550), (340, 640)], dark(look.main, 0.85), clip=face)
    art.fill(box(250, 566, 40, 44), look.accent, clip=face)
    art.fill(ellipse(270, 590, 90), look.accent, alpha=0.3, blur=30, clip=face)


def _city(art: Canvas, look: Look, face: Clip) -> None:
    """A skyline with lit windows."""
    art.fill(ellipse(320, 430, 130), light(look.accent, 0.35), clip=face)
    for layer in range(3):
        x = 40.0
        ink = mix(look.main, dark(look.main, 0.75), 0.3 + layer * 0.34)
        while x < WIDE:
            wide, tall = look.dice.uniform(50, 100), look.dice.uniform(120, 330) - layer * 60
            top = TALL - tall - 60 + layer * 40
            art.fill(box(x, top, wide, TALL), ink, clip=face)
            if look.dice.random() < 0.4:
                art.fill([(x, top), (x + wide / 2, top - 50), (x + wide, top)], ink, clip=face)
            for row in range(int(tall / 36)):
                for column in range(int(wide / 26)):
                    if look.dice.random() < 0.34:
                        art.fill(
                            box(x + 10 + column * 25, top + 18 + row * 36, 11, 17), look.accent, alpha=0.9, clip=face
                        )
            x += wide + look.dice.uniform(0, 10)


def _stripes(art: Canvas, look: Look, face: Clip) -> None:
    """Diagonal ribbons."""
    inks = (look.accent, light(look.main, 0.7), mix(look.main, look.accent, 0.5), dark(look.main, 0.3))
    for index in range(9):
        x = -140 + index * 96
        art.fill([(x, TALL), (x + 58, TALL), (x + 420, 300), (x + 362, 300)], inks[index % 4], clip=face)
    art.fill(box(0, 294, WIDE, 10), look.accent, clip=face)


def _cup(art: Canvas, look: Look, face: Clip) -> None:
    """A cup from above, with its ring stains."""
    for x, y, radius in ((160, 420, 90), (430, 620, 100)):
        art.line(ellipse(x, y, radius), 9, dark(look.accent, 0.35), alpha=0.35, clip=face)
    art.fill(ellipse(292, 505, 190), "#141a30", alpha=0.25, blur=16, clip=face)
    art.fill(ellipse(285, 490, 190), light(look.main, 0.85), clip=face)
    art.fill(ellipse(285, 490, 122), light(look.main, 0.6), clip=face)
    art.fill(ellipse(285, 490, 108), Linear(("#7b4a2b", "#4a2816"), 60), clip=face)
    for step, ink in ((1.0, "#e8cfa8"), (0.62, "#6b3f22"), (0.36, "#e8cfa8")):
        heart = [
            (
                285 + 62 * step * 0.92 * math.sin(t) ** 3 * 1.1,
                494 - step * 4 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)),
            )
            for t in (index / 40 * 2 * math.pi for index in range(40))
        ]
        art.fill(heart, ink, clip=face)


def _bird(art: Canvas, look: Look, face: Clip) -> None:
    """A bird on a branch."""
    art.fill(ellipse(300, 450, 170), light(look.accent, 0.25), clip=face)
    art.line(curve((40, 650), (200, 600), (360, 640), (540, 560)), 15, dark(look.main, 0.6), clip=face)
    for x, y, turn in ((120, 625, 60), (190, 612, -50), (450, 596, -60), (500, 580, 50), (400, 616, 70)):
        art.fill(leaf(x, y, 70, 18, turn), mix(look.main, "#2e5b45", 0.6), clip=face)
    body = smooth(
        [
            (210, 420),
            (250, 372),
            (310, 376),
            (350, 430),
            (420, 520),
            (470, 610),
            (400, 580),
            (330, 596),
            (262, 560),
            (226, 500),
        ],
        steps=7,
    )
    art.fill(body, dark(look.main, 0.3), clip=face)
    art.fill(smooth([(236, 450), (290, 470), (320, 540), (300, 586), (250, 540)]), light(look.accent, 0.55), clip=face)
    art.fill(smooth([(300, 440), (370, 480), (430, 570), (350, 540)]), dark(look.main, 0.65), clip=face)
    art.fill([(214, 408), (172, 424), (212, 432)], look.accent, clip=face)
    art.fill(ellipse(250, 408, 9), "#fdf6e6", clip=face)
    art.fill(ellipse(249, 408, 5), "#15182a", clip=face)


def _key(art: Canvas, look: Look, face: Clip) -> None:
    """A keyhole with light behind it."""
    art.fill(ellipse(290, 460, 230), light(look.accent, 0.2), alpha=0.6, blur=60, clip=face)
    door = rounded(165, 300, 250, 390, 125, 125, 4, 4)
    art.fill(door, dark(look.main, 0.5), clip=face)
    for inset in (16, 26):
        frame = rounded(165 + inset, 300 + inset, 250 - 2 * inset, 390 - 2 * inset, 110, 110, 4, 4)
        art.line([*frame, frame[0]], 3, look.accent, clip=face)
    art.fill(ellipse(290, 460, 44), look.accent, clip=face)
    art.fill([(276, 470), (304, 470), (330, 590), (250, 590)], look.accent, clip=face)
    for turn in range(0, 360, 20):
        art.line(turned([(290, 460 - 215), (290, 460 - 250)], turn, 290, 460), 5, look.accent, alpha=0.8, clip=face)


def _letters(art: Canvas, look: Look, face: Clip) -> None:
    """The title's first letter, very large."""
    art.fill(box(0, 290, WIDE, TALL), look.accent, clip=face)
    art.fill(ellipse(290, 500, 168), look.main, clip=face)
    art.text(290, 496, (look.title or "A")[0], 300, light(look.accent, 0.6), bold=0.02)


def _ship(art: Canvas, look: Look, face: Clip) -> None:
    """A lighthouse by the sea."""
    art.fill(box(0, 0, WIDE, TALL), Linear((look.main, light(look.main, 0.3)), 90), clip=face)
    art.fill([(290, 352), (620, 270), (620, 440)], light(look.accent, 0.5), alpha=0.5, blur=8, clip=face)
    art.fill([(256, 390), (324, 390), (350, 690), (230, 690)], "#fbf5ea", clip=face)
    tower = art.clip([(256, 390), (324, 390), (350, 690), (230, 690)], face)
    for y in (430, 530, 630):
        art.fill(box(200, y, 200, 46), look.accent, clip=tower)
    art.fill(rounded(254, 330, 72, 60, 6), light(look.accent, 0.4), clip=face)
    art.fill([(244, 334), (290, 290), (336, 334)], dark(look.main, 0.5), clip=face)
    for step in range(3):
        art.fill(
            hill(random.Random(step), WIDE, 690 + step * 34, 26, TALL, 7),
            mix(look.main, dark(look.main, 0.75), 0.4 + step * 0.25),
            clip=face,
        )


def _range(art: Canvas, look: Look, face: Clip) -> None:
    """A long panorama in paper layers."""
    for step in range(6):
        ink = mix(light(look.accent, 0.3), dark(look.main, 0.5), step / 5)
        art.fill(ridge(look.dice, WIDE, 380 + step * 66, 90, TALL, 0.55, 5), ink, clip=face)


def _kitchen(art: Canvas, look: Look, face: Clip) -> None:
    """A plate with a knife and a fork, and citrus."""
    art.fill(ellipse(290, 490, 168), light(look.main, 0.85), clip=face)
    art.fill(ellipse(290, 490, 132), light(look.main, 0.7), clip=face)
    art.fill(ellipse(290, 490, 92), look.accent, clip=face)
    art.fill(ellipse(290, 490, 80), light(look.accent, 0.6), clip=face)
    for turn in range(0, 360, 45):
        art.fill(
            turned(smooth([(290, 480), (316, 428), (290, 418), (264, 428)]), turn, 290, 490), look.accent, clip=face
        )
    for x in (92, 488):
        art.fill(rounded(x - 9, 360, 18, 280, 9), light(look.main, 0.85), clip=face)
    for dx in (-22, 0, 22):
        art.fill(rounded(92 + dx - 5, 320, 10, 100, 5), light(look.main, 0.85), clip=face)
    art.fill(smooth([(488, 310), (514, 350), (508, 470), (482, 470)]), light(look.main, 0.85), clip=face)


COVERS: dict[str, Cover] = {
    "sun": _sun,
    "waves": _waves,
    "rings": _rings,
    "peaks": _peaks,
    "bauhaus": _bauhaus,
    "leaves": _leaves,
    "night": _night,
    "city": _city,
    "stripes": _stripes,
    "cup": _cup,
    "bird": _bird,
    "key": _key,
    "letters": _letters,
    "lighthouse": _ship,
    "range": _range,
    "kitchen": _kitchen,
}
