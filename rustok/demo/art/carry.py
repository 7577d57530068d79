"""Backpacks and bags."""

from __future__ import annotations

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import dark, light
from rustok.demo.art.geometry import arc, both, box, curve, ellipse, mirrored, moved, rounded, smooth
from rustok.demo.art.look import Look, subject


@subject("backpack")
def backpack(art: Canvas, look: Look) -> None:
    """Draw a rucksack: `trek` is tall with a mat below, `roll` has a roll top, else a day pack."""
    trek = look.style == "trek"
    top, wide = (190, 200) if trek else (250, 226)
    ground(art, 500, 930 if trek else 868, wide + 90, 26)
    for flip in (False, True):
        strap = smooth(
            [
                (500 + wide - 20, 420),
                (500 + wide + 52, 500),
                (500 + wide + 60, 680),
                (500 + wide + 10, 800),
                (500 + wide - 10, 780),
                (500 + wide + 26, 670),
                (500 + wide + 18, 520),
            ],
            steps=6,
        )
        art.body(mirrored(strap) if flip else strap, dark(look.main, 0.4))
        pocket = rounded(500 + wide - 44, 600, 92, 240, 34)
        art.body(mirrored(pocket) if flip else pocket, dark(look.main, 0.2))
    if trek:
        art.body(rounded(232, 836, 536, 100, 50), light(look.accent, 0.15), angle=90)
        for x in (370, 630):
            art.fill(rounded(x - 14, 800, 28, 140, 6), dark(look.main, 0.55))
    art.line(arc(500, top + 10, 56, 180, 360, 66), 18, dark(look.main, 0.5))
    main = both(
        [
            (500, top),
            (500 + wide - 70, top + 6),
            (500 + wide, top + 90),
            (500 + wide + 14, 560),
            (500 + wide, 830),
            (500 + wide - 50, 862),
            (500, 866),
        ]
    )
    body = smooth(main, steps=5)
    art.shadow(body, dy=10, blur=16, alpha=0.25)
    shell = art.body(body, look.main, angle=35)
    for x in (500 - wide + 46, 500 + wide - 46):
        art.line([(x, top + 20), (x + (500 - x) * 0.04, 870)], 12, dark(look.main, 0.5), alpha=0.8, clip=shell)
    front = rounded(500 - wide + 70, 560, 2 * wide - 140, 250, 60, 60, 46, 46)
    art.shadow(front, dy=8, blur=12)
    face = art.body(front, light(look.main, 0.07), angle=60)
    art.line(curve((500 - wide + 82, 640), (440, 614), (560, 614), (500 + wide - 82, 640)), 9, look.accent, clip=face)
    art.fill(rounded(470, 690, 60, 60, 10), look.accent)
    art.fill([(482, 736), (500, 704), (518, 736)], light(look.accent, 0.85))
    if look.style == "roll":
        _roll_top(art, look, top, wide)
    else:
        _lid(art, look, top, wide)


def _roll_top(art: Canvas, look: Look, top: float, wide: float) -> None:
    for step in range(3):
        roll = rounded(500 - wide + 6, top - 34 + step * 36, 2 * wide - 12, 60, 30)
        art.shadow(roll, dy=7, blur=8, alpha=0.3)
        art.body(roll, light(look.main, 0.12 - step * 0.05), angle=90)
    art.fill(rounded(462, top - 40, 76, 400, 8), dark(look.main, 0.5))
    art.fill(rounded(462, top - 40, 10, 400, 5), light(look.main, 0.2), alpha=0.3)
    art.body(rounded(446, top + 180, 108, 62, 14), look.accent)


def _lid(art: Canvas, look: Look, top: float, wide: float) -> None:
    lid = both(
        [
            (500, top - 44),
            (500 + wide - 60, top - 30),
            (500 + wide + 6, top + 44),
            (500 + wide + 4, top + 150),
            (500 + wide - 50, top + 186),
            (500, top + 196),
        ]
    )
    points = smooth(lid, steps=5)
    art.shadow(points, dy=14, blur=14, alpha=0.35)
    shell = art.body(points, dark(look.main, 0.08), angle=70)
    art.line(
        curve((500 - wide, top + 86), (420, top + 66), (580, top + 66), (500 + wide, top + 86)),
        8,
        look.accent,
        clip=shell,
    )
    for x in (500 - wide * 0.45, 500 + wide * 0.45):
        art.fill(rounded(x - 15, top + 110, 30, 190, 6), dark(look.main, 0.55))
        art.body(rounded(x - 26, top + 214, 52, 46, 10), look.accent)
        art.line([(x - 12, top + 228), (x + 12, top + 228)], 5, dark(look.accent, 0.4))


@subject("duffel")
def duffel(art: Canvas, look: Look) -> None:
    """Draw a travel duffel with wide handles."""
    ground(art, 500, 792, 390, 30)
    art.line(curve((350, 470), (360, 240), (640, 240), (650, 470)), 30, dark(look.main, 0.55))
    body = smooth(
        [
            (120, 560),
            (150, 470),
            (260, 440),
            (500, 432),
            (740, 440),
            (850, 470),
            (880, 560),
            (884, 690),
            (850, 770),
            (500, 792),
            (150, 770),
            (116, 690),
        ],
        steps=6,
    )
    shell = art.body(body, look.main, angle=70)
    for x in (196, 804):
        art.line(
            curve((x, 440), (x + (x - 500) * 0.08, 560), (x + (x - 500) * 0.08, 680), (x, 800)),
            5,
            dark(look.main, 0.5),
            alpha=0.7,
            clip=shell,
        )
    art.line(curve((180, 500), (380, 476), (620, 476), (820, 500)), 12, dark(look.main, 0.55), clip=shell)
    art.line(curve((180, 500), (380, 476), (620, 476), (820, 500)), 4, look.accent, clip=shell)
    for x in (350, 650):
        art.fill(box(x - 20, 430, 40, 370), dark(look.main, 0.5), clip=shell)
        art.fill(box(x - 20, 430, 6, 370), light(look.main, 0.3), alpha=0.35, clip=shell)
    handle = curve((350, 560), (370, 360), (630, 360), (650, 560))
    art.line(moved(handle, 4, 10), 34, "#141a30", alpha=0.25, blur=8)
    art.line(handle, 34, dark(look.main, 0.42))
    art.line(moved(handle, 0, -8), 6, light(look.main, 0.3), alpha=0.5)
    art.body(rounded(440, 378, 120, 66, 20), look.accent)
    art.fill(rounded(424, 620, 152, 84, 12), look.accent)
    art.fill([(454, 688), (492, 636), (512, 662), (524, 648), (550, 688)], light(look.accent, 0.85))


@subject("dry-bag")
def dry_bag(art: Canvas, look: Look) -> None:
    """Draw a set of roll-top sacks."""
    for x, scale, shade in ((640, 0.74, 0.22), (330, 1.0, 0.0)):
        ground(art, x, 850, 190 * scale, 22)
        tall = 470 * scale
        body = rounded(x - 150 * scale, 850 - tall, 300 * scale, tall, 26, 26, 60 * scale, 60 * scale)
        art.shadow(body, dx=10, dy=8, blur=16, alpha=0.25)
        ink = look.main if not shade else look.accent
        shell = art.body(body, ink, angle=15)
        art.fill(box(x - 104 * scale, 850 - tall, 34 * scale, tall), light(ink, 0.9), alpha=0.3, blur=12, clip=shell)
        for step in range(3):
            y = 850 - tall - 46 * scale + step * 30 * scale
            roll = rounded(x - 158 * scale, y, 316 * scale, 44 * scale, 20 * scale)
            art.shadow(roll, dy=5, blur=6, alpha=0.25)
            art.body(roll, dark(ink, 0.1), angle=90)
        loop = arc(x, 850 - tall - 44 * scale, 120 * scale, 185, 355, 90 * scale)
        art.line(loop, 16 * scale, "#2b2d33")
        art.body(rounded(x - 44 * scale, 850 - tall - 160 * scale, 88 * scale, 50 * scale, 14), "#2b2d33")
        art.fill(rounded(x - 90 * scale, 850 - tall * 0.62, 180 * scale, 170 * scale, 18), light(ink, 0.85), alpha=0.92)
        mark = [
            (x - 62 * scale, 850 - tall * 0.62 + 132 * scale),
            (x - 6 * scale, 850 - tall * 0.62 + 40 * scale),
            (x + 22 * scale, 850 - tall * 0.62 + 84 * scale),
            (x + 36 * scale, 850 - tall * 0.62 + 66 * scale),
            (x + 66 * scale, 850 - tall * 0.62 + 132 * scale),
        ]
        art.fill(mark, ink)


@subject("hip-pack")
def hip_pack(art: Canvas, look: Look) -> None:
    """Draw a hip pack with its belt."""
    ground(art, 500, 760, 330, 24)
    belt = curve((90, 430), (200, 300), (800, 300), (910, 430))
    art.line(belt, 44, dark(look.main, 0.55))
    art.line(moved(belt, 0, -12), 5, light(look.main, 0.3), alpha=0.4)
    for x, wing in (
        (190, [(90, 420), (240, 430), (260, 640), (170, 560)]),
        (810, [(910, 420), (760, 430), (740, 640), (830, 560)]),
    ):
        art.body(smooth(wing, steps=6), dark(look.main, 0.35))
        art.fill(ellipse(x, 500, 6), look.accent)
    body = smooth(
        [
            (220, 450),
            (320, 416),
            (500, 408),
            (680, 416),
            (780, 450),
            (800, 600),
            (740, 730),
            (500, 756),
            (260, 730),
            (200, 600),
        ],
        steps=6,
    )
    art.shadow(body, blur=16)
    shell = art.body(body, look.main, angle=60)
    art.line(curve((220, 506), (400, 476), (600, 476), (780, 506)), 12, dark(look.main, 0.5), clip=shell)
    art.line(curve((220, 506), (400, 476), (600, 476), (780, 506)), 4, look.accent, clip=shell)
    pocket = smooth([(290, 560), (500, 540), (710, 560), (690, 690), (500, 712), (310, 690)], steps=6)
    art.shadow(pocket, dy=6, blur=8)
    art.body(pocket, light(look.main, 0.08), angle=60)
    art.line(curve((306, 590), (430, 576), (570, 576), (694, 590)), 6, look.accent)
    art.fill(rounded(640, 482, 20, 62, 8), light(look.accent, 0.4))
