"""Coffee: bags, beans and tins."""

from __future__ import annotations

import math

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas, Clip
from rustok.demo.art.colour import Ink, Linear, dark, light, mix
from rustok.demo.art.geometry import (
    arc,
    box,
    curve,
    ellipse,
    hill,
    leaf,
    ridge,
    rounded,
    smooth,
    turned,
)
from rustok.demo.art.look import Look, subject


@subject("coffee-bag")
def coffee_bag(art: Canvas, look: Look) -> None:
    """Draw a bag with a label; `style` names the label's drawing."""
    ground(art, 500, 884, 270, 28, 0.4)
    left = [(296, 190), *curve((296, 190), (276, 400), (262, 640), (286, 880))]
    right = [*curve((714, 880), (738, 640), (724, 400), (704, 190))]
    outline = [*left, *curve((286, 880), (420, 896), (580, 896), (714, 880)), *right]
    shell = art.body(outline, look.main, angle=20, depth=1.15)
    for x, lean in ((320, 10), (680, -10)):
        art.fill(
            [(x, 170), (x + lean * 2.4, 540), (x, 900), (x - lean * 4, 900), (x - lean * 4, 170)],
            dark(look.main, 0.4),
            alpha=0.4,
            blur=12,
            clip=shell,
        )
    art.fill([(380, 190), (440, 190), (400, 890), (340, 890)], "#ffffff", alpha=0.16, blur=20, clip=shell)
    top = [(292, 120), (708, 120), (706, 230), (294, 230)]
    art.shadow(top, dy=12, blur=12, alpha=0.35)
    art.body(top, dark(look.main, 0.14), angle=90)
    art.line([(296, 214), (704, 214)], 4, light(look.main, 0.4), alpha=0.5)
    art.fill(rounded(276, 138, 448, 34, 6), look.accent)
    art.fill(rounded(276, 138, 448, 8, 4), light(look.accent, 0.5))
    art.fill(ellipse(500, 290, 22), dark(look.main, 0.35))
    for dx in (-7, 7):
        art.fill(ellipse(500 + dx, 290, 3.5), "#101010")
    _label(art, look)


def _label(art: Canvas, look: Look) -> None:
    label = rounded(338, 350, 324, 420, 12)
    art.shadow(label, dy=4, blur=6, alpha=0.25)
    paper = "#f8f1e2"
    art.fill(label, Linear((paper, dark(paper, 0.05)), 30))
    with art.at(338, 350, 1):
        picture = art.clip(rounded(18, 18, 288, 210, 8))
        LABELS.get(look.style, _label_hills)(art, look, picture)
    ink = "#2b2320"
    lines = look.title.split("|")
    for index, line in enumerate(lines):
        size = min(44.0, 270 / (art.measure(line, 100) / 100))
        art.text(500, 616 + index * 46 + (0 if len(lines) > 1 else 18), line, size, ink, bold=0.016)
    art.line([(440, 700), (560, 700)], 3, look.accent)
    art.text(500, 730, look.byline.upper(), 17, mix(ink, paper, 0.2), spread=0.1)


def _label_hills(art: Canvas, look: Look, picture: Clip) -> None:
    art.fill(box(0, 0, 330, 240), Linear((light(look.accent, 0.75), light(look.accent, 0.35)), 90), clip=picture)
    art.fill(ellipse(225, 92, 38), look.accent, clip=picture)
    for step in range(3):
        art.fill(
            ridge(look.dice, 330, 140 + step * 36, 60, 240, 0.5, 5),
            mix(light(look.main, 0.4), dark(look.main, 0.4), step / 2),
            clip=picture,
        )


def _label_leaf(art: Canvas, look: Look, picture: Clip) -> None:
    art.fill(box(0, 0, 330, 240), light(look.accent, 0.55), clip=picture)
    for turn in (-150, -115, -65, -30):
        art.fill(leaf(162, 220, 150, 34, turn), mix(look.main, "#2f6b48", 0.55), clip=picture)
    for x, y in ((140, 168), (170, 150), (190, 180), (158, 190)):
        art.fill(ellipse(x, y, 17), "#c23b32", clip=picture)
        art.fill(ellipse(x - 5, y - 6, 5), "#f2a59c", clip=picture)


def _label_bird(art: Canvas, look: Look, picture: Clip) -> None:
    art.fill(box(0, 0, 330, 240), Linear((light(look.main, 0.6), light(look.main, 0.8)), 90), clip=picture)
    art.fill(ellipse(162, 130, 74), look.accent, clip=picture)
    body = smooth(
        [(90, 120), (120, 96), (170, 118), (240, 90), (220, 140), (250, 170), (180, 166), (130, 170), (100, 150)],
        steps=6,
    )
    art.fill(body, dark(look.main, 0.35), clip=picture)
    art.fill([(92, 118), (60, 124), (94, 132)], "#e8a33a", clip=picture)
    art.fill(ellipse(114, 116, 5), "#ffffff", clip=picture)


def _label_moon(art: Canvas, look: Look, picture: Clip) -> None:
    art.fill(box(0, 0, 330, 240), Linear((dark(look.main, 0.55), look.main), 90), clip=picture)
    for _ in range(26):
        art.fill(
            ellipse(look.dice.uniform(20, 300), look.dice.uniform(20, 170), look.dice.uniform(1, 3)),
            "#fdf3d4",
            clip=picture,
        )
    art.fill(ellipse(162, 104, 54), light(look.accent, 0.5), clip=picture)
    art.fill(ellipse(186, 92, 46), dark(look.main, 0.42), clip=picture)
    art.fill(hill(look.dice, 330, 190, 36, 240, 3), dark(look.main, 0.7), clip=picture)


def _label_rings(art: Canvas, look: Look, picture: Clip) -> None:
    art.fill(box(0, 0, 330, 240), light(look.main, 0.75), clip=picture)
    for step, ink in enumerate(
        (look.accent, light(look.accent, 0.6), look.main, light(look.main, 0.5), dark(look.main, 0.4))
    ):
        art.fill(ellipse(162, 230, 200 - step * 38), ink, clip=picture)


LABELS = {"hills": _label_hills, "leaf": _label_leaf, "bird": _label_bird, "moon": _label_moon, "rings": _label_rings}


def bean(art: Canvas, x: float, y: float, size: float, turn: float, ink: Ink) -> None:
    """Draw one roasted bean."""
    shape = turned(ellipse(x, y, size, size * 0.7), turn, x, y)
    art.fill(shape, Linear((light(ink, 0.25), ink, dark(ink, 0.4)), 60))
    art.line(
        turned(
            curve(
                (x - size * 0.8, y),
                (x - size * 0.3, y - size * 0.3),
                (x + size * 0.3, y + size * 0.3),
                (x + size * 0.8, y),
            ),
            turn,
            x,
            y,
        ),
        size * 0.13,
        dark(ink, 0.65),
    )


@subject("beans")
def beans(art: Canvas, look: Look) -> None:
    """Draw a bowl of beans."""
    ground(art, 500, 806, 330, 30)
    bowl = [
        (170, 480),
        *curve((170, 480), (190, 700), (330, 800), (500, 804)),
        *curve((500, 804), (670, 800), (810, 700), (830, 480)),
    ]
    art.body(bowl, look.main, angle=20)
    art.fill(ellipse(500, 480, 330, 92), light(look.main, 0.35))
    art.fill(ellipse(500, 484, 306, 78), "#26150d")
    for _ in range(80):
        turn = look.dice.uniform(0, 2 * math.pi)
        reach = math.sqrt(look.dice.random())
        bean(
            art,
            500 + 280 * reach * math.cos(turn),
            470 + 64 * reach * math.sin(turn),
            30,
            look.dice.uniform(0, 180),
            mix("#6b3d20", "#4a2814", look.dice.random()),
        )
    art.line(arc(500, 484, 318, 20, 160, 86), 10, light(look.main, 0.5))
    for x, y in ((230, 830), (300, 856), (720, 846), (770, 818)):
        art.fill(ellipse(x, y + 16, 30, 9), "#141a30", alpha=0.3, blur=6)
        bean(art, x, y, 28, look.dice.uniform(0, 180), "#5c331a")


@subject("tin")
def tin(art: Canvas, look: Look) -> None:
    """Draw a storage tin with a lid, for beans, tea or cocoa."""
    ground(art, 500, 872, 230, 26)
    shell = art.body(
        [(310, 300), (690, 300), (690, 850), *curve((690, 850), (600, 884), (400, 884), (310, 850))],
        look.main,
        angle=0,
        depth=1.3,
    )
    art.fill(box(350, 290, 40, 600), "#ffffff", alpha=0.3, blur=14, clip=shell)
    art.fill(box(300, 440, 400, 280), "#f8f1e2", clip=shell)
    art.fill(box(300, 440, 400, 12), look.accent, clip=shell)
    art.fill(box(300, 708, 400, 12), look.accent, clip=shell)
    if look.style == "leaf":
        for turn in (-140, -90, -40):
            art.fill(leaf(500, 586, 92, 24, turn), "#3f7a55", clip=shell)
    else:
        bean(art, 500, 530, 46, -30, "#6b3d20")
    art.text(
        500,
        640,
        look.title or "Beans",
        min(52.0, 330 / max(art.measure(look.title or "Beans", 100) / 100, 1)),
        "#2b2320",
        bold=0.014,
    )
    art.body(rounded(296, 220, 408, 100, 30, 30, 8, 8), dark(look.main, 0.2), angle=0, depth=1.2)
    art.body(ellipse(500, 216, 40, 22), look.accent)
