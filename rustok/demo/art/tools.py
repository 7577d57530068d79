"""Light, knives, maps and other tools of the trail."""

from __future__ import annotations

import math

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Ink, Linear, dark, light
from rustok.demo.art.geometry import (
    Points,
    arc,
    both,
    box,
    curve,
    ellipse,
    grown,
    hill,
    moved,
    rounded,
    smooth,
    turned,
)
from rustok.demo.art.look import Look, subject

STEEL = "#b9c0c6"


@subject("lantern")
def lantern(art: Canvas, look: Look) -> None:
    """Draw a camp lantern that shines."""
    art.fill(ellipse(500, 520, 330), "#ffd98a", alpha=0.5, blur=90)
    ground(art, 500, 872, 220, 26)
    art.line(arc(500, 330, 170, 185, 355, 210), 15, "#4a4d52")
    art.body(both([(500, 250), (560, 252), (640, 330), (644, 372), (500, 376)]), look.main, angle=0, depth=1.2)
    glass = both([(500, 372), (624, 372), (650, 520), (624, 690), (500, 694)])
    art.fill(smooth(glass, steps=4), Linear(("#fff6d8", "#ffe09a", "#f7c463"), 90))
    inner = art.clip(smooth(glass, steps=4))
    art.fill(ellipse(500, 540, 80, 120), "#ffffff", alpha=0.9, blur=36, clip=inner)
    for x in (380, 500, 620):
        art.line(curve((x, 370), (x + (x - 500) * 0.2, 460), (x + (x - 500) * 0.2, 600), (x, 694)), 12, "#4a4d52")
    art.line(curve((356, 530), (440, 546), (560, 546), (644, 530)), 10, "#4a4d52")
    art.body(
        both([(500, 686), (640, 686), (668, 740), (668, 850), (640, 872), (500, 876)]), look.main, angle=0, depth=1.2
    )
    art.fill(rounded(336, 742, 328, 16, 6), look.accent)
    art.body(ellipse(500, 812, 34), look.accent)
    art.line([(500, 790), (500, 812)], 7, dark(look.accent, 0.5))


@subject("headlamp")
def headlamp(art: Canvas, look: Look) -> None:
    """Draw a headlamp with its band."""
    ground(art, 500, 790, 330, 24)
    band = smooth(
        [(150, 520), (230, 360), (500, 300), (770, 360), (850, 520), (770, 640), (500, 690), (230, 640)], steps=8
    )
    art.line([*band, band[0]], 64, dark(look.main, 0.4))
    art.line([*band, band[0]], 46, look.main)
    for shift in (-10, 10):
        ring = grown(band, 1 + shift / 700, 500, 500)
        art.line([*ring, ring[0]], 5, look.accent, alpha=0.9)
    art.fill(ellipse(500, 650, 250, 160), "#fff2b8", alpha=0.6, blur=60)
    case = rounded(350, 550, 300, 210, 70)
    art.shadow(case, blur=16)
    art.body(case, "#34383f", angle=60)
    art.fill(rounded(350, 566, 300, 18, 9), look.accent, alpha=0.9)
    art.body(ellipse(450, 660, 76), "#8f979e")
    art.fill(ellipse(450, 660, 58), Linear(("#ffffff", "#ffe9a8"), 60))
    art.fill(ellipse(450, 660, 40), "#ffffff", alpha=0.9, blur=10)
    art.body(ellipse(576, 660, 40), "#8f979e")
    art.fill(ellipse(576, 660, 27), Linear(("#fff4d8", "#ffd98a"), 60))
    art.fill(rounded(480, 532, 60, 26, 10), look.accent)


@subject("knife")
def knife(art: Canvas, look: Look) -> None:
    """Draw a folding knife; style `multi` opens more tools, `fixed` has a sheath."""
    if look.style == "fixed":
        _sheath(art, look)
    parts: list[tuple[Points, float]] = [
        (
            [
                (540, 470),
                *curve((540, 470), (700, 430), (860, 440), (930, 520)),
                *curve((930, 520), (820, 540), (700, 546), (540, 540)),
            ],
            -24,
        )
    ]
    if look.style == "multi":
        parts += [
            ([(540, 480), (760, 486), (768, 500), (760, 514), (700, 520), (540, 524)], -62),
            ([(160, 480), (420, 480), (420, 520), (240, 524), (220, 552), (190, 520), (160, 520)], 38),
        ]
    for blade, turn in parts:
        cx = 560 if blade[0][0] > 400 else 420
        steel = turned(blade, turn, cx, 520)
        art.shadow(steel, dx=8, dy=22, blur=16, alpha=0.28)
        clip = art.body(steel, "#c4cacf", angle=80)
        art.line(
            turned(curve((560, 478), (700, 446), (830, 448), (900, 500)), turn, cx, 520),
            5,
            "#ffffff",
            alpha=0.7,
            clip=clip,
        )
    handle = smooth(
        [
            (110, 520),
            (130, 470),
            (260, 452),
            (420, 462),
            (580, 450),
            (616, 500),
            (600, 560),
            (520, 574),
            (380, 590),
            (240, 586),
            (130, 572),
        ],
        steps=6,
    )
    grip = turned(handle, 10, 500, 520)
    art.shadow(grip, dx=10, dy=26, blur=20, alpha=0.3)
    shell = art.body(grip, look.main, angle=80)
    if look.style == "fixed":
        for shift in range(5):
            art.line(
                turned(
                    curve(
                        (110, 480 + shift * 26),
                        (300, 470 + shift * 28),
                        (450, 500 + shift * 20),
                        (620, 470 + shift * 26),
                    ),
                    10,
                    500,
                    520,
                ),
                3,
                dark(look.main, 0.4),
                alpha=0.5,
                clip=shell,
            )
    for x in (190, 350, 560):
        art.fill(turned(ellipse(x, 518, 13), 10, 500, 520), look.accent)
        art.fill(turned(ellipse(x - 3, 515, 5), 10, 500, 520), light(look.accent, 0.7))
    if look.style == "multi":
        art.fill(turned(ellipse(270, 518, 24), 10, 500, 520), light(look.main, 0.9))
        art.fill(turned([(255, 532), (270, 502), (285, 532)], 10, 500, 520), look.main)


def _sheath(art: Canvas, look: Look) -> None:
    sheath = turned(
        smooth([(360, 700), (420, 660), (820, 690), (890, 740), (820, 790), (420, 800), (360, 760)], steps=6),
        -6,
        600,
        730,
    )
    art.shadow(sheath, dx=8, dy=20, blur=18, alpha=0.3)
    shell = art.body(sheath, look.accent, angle=80)
    for t in range(14):
        art.line(
            turned([(430 + t * 30, 676), (444 + t * 30, 677)], -6, 600, 730), 4, light(look.accent, 0.7), clip=shell
        )
        art.line(
            turned([(430 + t * 30, 788), (444 + t * 30, 787)], -6, 600, 730), 4, light(look.accent, 0.7), clip=shell
        )


@subject("map")
def folded_map(art: Canvas, look: Look) -> None:
    """Draw an unfolded walking map with contour lines and a route."""
    ground(art, 500, 810, 390, 28)
    sheet = [(110, 250), (370, 320), (630, 250), (890, 320), (890, 790), (630, 720), (370, 790), (110, 720)]
    art.shadow(sheet, dy=20, blur=22)
    clip = art.body(sheet, "#e8e4cf", angle=60, depth=0.6)
    art.fill(hill(look.dice, 1000, 640, 120, 1000), light(look.main, 0.55), alpha=0.8, clip=clip)
    for cx, cy, size in ((330, 430, 190), (700, 560, 210)):
        blob = smooth(
            [
                (
                    cx + size * math.cos(turn) * look.dice.uniform(0.75, 1.1),
                    cy + size * 0.7 * math.sin(turn) * look.dice.uniform(0.75, 1.1),
                )
                for turn in (index * math.pi / 4 for index in range(8))
            ]
        )
        for step in range(6):
            ring = grown(blob, 1 - step * 0.16, cx, cy)
            art.fill(ring, look.main, alpha=0.13, clip=clip)
            art.line([*ring, ring[0]], 2, dark(look.main, 0.2), alpha=0.6, clip=clip)
    river = smooth([(80, 600), (260, 640), (420, 560), (560, 470), (640, 350), (800, 330), (920, 260)], closed=False)
    art.line(river, 15, "#7db7d3", clip=clip)
    route = smooth([(190, 660), (300, 560), (360, 460), (480, 420), (560, 560), (680, 600), (770, 480)], closed=False)
    for index in range(0, len(route) - 3, 5):
        art.line(route[index : index + 4], 8, look.accent, clip=clip)
    for x, shade in ((110, 0.0), (370, 0.2), (630, 0.0), (890, 0.2)):
        if shade:
            art.fill(box(x - 260, 200, 260, 640), "#20301f", alpha=0.1, clip=clip)
        art.line([(x, 240), (x, 800)], 3, "#ffffff", alpha=0.5, clip=clip)
    pin(art, 770, 480, look.accent)


def pin(art: Canvas, x: float, y: float, ink: Ink) -> None:
    """Set a map pin with its point at (x, y)."""
    art.fill(ellipse(x, y + 4, 26, 8), "#141a30", alpha=0.4, blur=6)
    drop = [
        (x, y),
        *curve((x, y), (x - 20, y - 50), (x - 52, y - 70), (x - 52, y - 110)),
        *arc(x, y - 110, 52, 180, 360),
        *curve((x + 52, y - 110), (x + 52, y - 70), (x + 20, y - 50), (x, y)),
    ]
    art.body(drop, ink)
    art.fill(ellipse(x, y - 110, 20), "#ffffff")


@subject("compass")
def compass(art: Canvas, look: Look) -> None:
    """Draw a baseplate compass."""
    plate = turned(rounded(300, 140, 400, 720, 50), 14)
    art.shadow(plate, dx=14, dy=26, blur=24, alpha=0.3)
    clip = art.body(plate, light(look.main, 0.78), angle=60, depth=0.7)
    for index in range(26):
        y = 180 + index * 25
        art.line(turned([(314, y), (340 if index % 5 else 360, y)], 14), 4, dark(look.main, 0.3), clip=clip)
    art.line(turned([(500, 160), (500, 250)], 14), 9, look.accent)
    art.fill(turned([(500, 150), (528, 196), (472, 196)], 14), look.accent)
    ring = ellipse(500, 570, 218)
    art.shadow(ring, dy=12, blur=14, alpha=0.35)
    art.body(ring, dark(look.main, 0.25))
    for index in range(36):
        a = turned([(500, 360), (500, 374 if index % 9 else 392)], index * 10, 500, 570)
        art.line(a, 5 if index % 9 == 0 else 3, "#ffffff", alpha=0.9)
    art.body(ellipse(500, 570, 168), "#f6f3ea", depth=0.5)
    for index, word in enumerate("NESW"):
        [spot] = turned([(500, 434)], index * 90, 500, 570)
        art.text(*spot, word, 44, look.accent if word == "N" else "#2d3440", bold=0.02)
    needle = turned([(500, 424), (526, 570), (474, 570)], 32, 500, 570)
    art.shadow(needle, dy=8, blur=8)
    art.fill(needle, "#d2452f")
    art.fill(turned([(500, 716), (526, 570), (474, 570)], 32, 500, 570), "#39424d")
    art.fill(ellipse(500, 570, 15), "#e8e4da")
    art.fill(ellipse(440, 500, 90, 50), "#ffffff", alpha=0.35, blur=22)


@subject("poles")
def poles(art: Canvas, look: Look) -> None:
    """Draw a pair of trekking poles."""
    for flip in (False, True):
        turn = -14 if flip else 14
        x = 500
        parts = [(rounded(x - 9, 240, 18, 330, 6), look.main), (rounded(x - 7, 560, 14, 290, 5), STEEL)]
        for part, ink in parts:
            pole = turned(part, turn, 500, 560)
            art.shadow(pole, dx=14, dy=14, blur=12, alpha=0.25)
            art.body(pole, ink, angle=0)
        for y in (330, 350):
            art.line(turned([(x - 9, y), (x + 9, y)], turn, 500, 560), 8, look.accent)
        art.body(turned(rounded(x - 17, 545, 34, 60, 10), turn, 500, 560), look.accent)
        loop = turned(smooth([(x, 130), (x + 66, 180), (x + 60, 290), (x + 10, 230)]), turn, 500, 560)
        art.line([*loop, loop[0]], 13, dark(look.main, 0.5))
        grip = turned(
            smooth(
                [
                    (x - 24, 120),
                    (x + 26, 116),
                    (x + 30, 150),
                    (x + 20, 250),
                    (x + 18, 330),
                    (x - 18, 330),
                    (x - 22, 250),
                    (x - 28, 160),
                ]
            ),
            turn,
            500,
            560,
        )
        art.body(grip, "#b98a57" if look.style == "cork" else "#33373d")
        art.body(turned(ellipse(x, 808, 46, 13), turn, 500, 560), "#2f3338")
        art.fill(turned([(x - 6, 846), (x + 6, 846), (x, 890)], turn, 500, 560), "#53585e")


@subject("binoculars")
def binoculars(art: Canvas, look: Look) -> None:
    """Draw a pair of binoculars from the front."""
    ground(art, 500, 770, 330, 26)
    art.body(rounded(420, 360, 160, 200, 30), dark(look.main, 0.3))
    for x in (310, 690):
        lean = 26 if x < 500 else -26
        tube = smooth(
            [
                (x - 84 + lean, 250),
                (x + 84 + lean, 250),
                (x + 110, 420),
                (x + 150, 620),
                (x - 150, 620),
                (x - 110, 420),
            ],
            steps=5,
        )
        art.shadow(tube, blur=16)
        shell = art.body(tube, look.main, angle=0, depth=1.1)
        for y in range(380, 540, 22):
            art.line(
                curve((x - 170, y), (x - 40, y + 14), (x + 40, y + 14), (x + 170, y)),
                5,
                dark(look.main, 0.5),
                alpha=0.5,
                clip=shell,
            )
        art.body(rounded(x - 92 + lean, 210, 184, 70, 24), "#2f3338", angle=0)
        art.body(ellipse(x, 640, 156, 130), "#2f3338")
        art.fill(ellipse(x, 644, 124, 102), look.accent)
        art.fill(ellipse(x, 646, 112, 92), Linear(("#23405f", "#5b93a8", "#1b2b45"), 50))
        art.fill(turned(ellipse(x - 40, 606, 46, 22), -30, x - 40, 606), "#ffffff", alpha=0.5, blur=6)
    art.body(rounded(452, 300, 96, 110, 20), "#3a3f47", angle=0)
    for y in range(316, 400, 16):
        art.line([(460, y), (540, y)], 5, "#22252b")


@subject("rope")
def rope(art: Canvas, look: Look) -> None:
    """Draw a coiled rope with a carabiner."""
    ground(art, 500, 830, 280, 24)
    for index in range(7):
        shift = index * 17
        loop = smooth(
            [
                (330 + shift, 300),
                (620 + shift * 0.6, 300),
                (690 + shift * 0.2, 540),
                (620 + shift * 0.5, 800),
                (340 + shift, 800),
                (270 + shift, 540),
            ],
            steps=9,
        )
        art.line(moved([*loop, loop[0]], 5, 9), 25, dark(look.main, 0.6), alpha=0.5, blur=4)
        art.line([*loop, loop[0]], 25, look.main if index % 2 == 0 else dark(look.main, 0.12))
        for step in range(0, len(loop) - 2, 4):
            art.line(loop[step : step + 2], 7, look.accent if index % 2 == 0 else light(look.main, 0.4))
    for step in range(7):
        art.line([(350, 470 + step * 26), (720, 462 + step * 26)], 25, dark(look.main, 0.05 * (step % 2)))
        art.line([(400 + step * 10, 468 + step * 26), (430 + step * 10, 467 + step * 26)], 7, look.accent)
    ring = smooth([(520, 110), (600, 130), (610, 260), (560, 330), (500, 330), (460, 260), (470, 140)], steps=8)
    art.line([*ring, ring[0]], 27, dark(look.accent, 0.1))
    art.line(moved([*ring, ring[0]], -5, -4), 6, light(look.accent, 0.6), alpha=0.8)
    art.line([(606, 160), (604, 260)], 15, STEEL)


@subject("first-aid")
def first_aid(art: Canvas, look: Look) -> None:
    """Draw a first aid pouch."""
    ground(art, 500, 800, 340, 28)
    body = rounded(190, 330, 620, 460, 70)
    shell = art.body(body, look.main, angle=60)
    art.line([(200, 470), (800, 470)], 16, dark(look.main, 0.5), clip=shell)
    art.line([(200, 470), (800, 470)], 5, light(look.accent, 0.5), clip=shell)
    art.fill(rounded(700, 456, 60, 28, 8), look.accent)
    art.line(arc(500, 334, 90, 180, 360, 84), 24, dark(look.main, 0.45))
    art.fill(ellipse(500, 620, 118), "#fbf7ee")
    art.fill(rounded(474, 540, 52, 160, 8), look.main)
    art.fill(rounded(420, 594, 160, 52, 8), look.main)


@subject("power-bank")
def power_bank(art: Canvas, look: Look) -> None:
    """Draw a folding solar panel with its battery."""
    ground(art, 500, 830, 370, 26)
    for index in range(3):
        x = 130 + index * 250
        lean = 18 if index % 2 else -18
        panel = [(x, 220 + lean), (x + 240, 220 - lean), (x + 240, 700 - lean), (x, 700 + lean)]
        art.shadow(panel, blur=18)
        clip = art.body(panel, look.main, angle=60)
        cell = grown(panel, 0.86, x + 120, 460)
        inner = art.clip(cell, clip)
        art.fill(cell, Linear(("#24365c", "#16223d"), 40))
        for step in range(1, 5):
            art.line([(x, 220 + step * 96), (x + 240, 220 + step * 96)], 3, "#6f86b0", alpha=0.7, clip=inner)
            art.line([(x + step * 48, 200), (x + step * 48, 720)], 3, "#6f86b0", alpha=0.5, clip=inner)
        art.fill([(x, 180), (x + 110, 180), (x - 60, 740), (x - 170, 740)], "#ffffff", alpha=0.14, clip=inner)
    case = rounded(590, 650, 270, 180, 30)
    art.shadow(case, blur=16)
    art.body(case, "#34383f")
    art.fill(rounded(620, 690, 150, 18, 9), look.accent)
    for step in range(4):
        art.fill(ellipse(640 + step * 36, 766, 10), "#8ee08a" if step < 3 else "#5b6167")
