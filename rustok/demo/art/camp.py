"""Tents, sleeping gear, furniture: what stands or lies on a camp site."""

from __future__ import annotations

import math

from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Linear, dark, light, mix
from rustok.demo.art.geometry import (
    Points,
    arc,
    both,
    curve,
    ellipse,
    mirrored,
    moved,
    rounded,
    smooth,
    turned,
)
from rustok.demo.art.look import Look, subject

FLOOR = 800


def ground(art: Canvas, cx: float, cy: float, rx: float, ry: float = 24, alpha: float = 0.32) -> None:
    """Lay the contact shadow that sets a thing on the floor."""
    art.fill(ellipse(cx, cy, rx, ry), "#141a30", alpha=alpha, blur=20)
    art.fill(ellipse(cx, cy - 2, rx * 0.86, ry * 0.4), "#141a30", alpha=alpha, blur=7)


@subject("tent")
def tent(art: Canvas, look: Look) -> None:
    """Draw a dome, a tunnel, a tipi or an A-frame."""
    {"tunnel": _tunnel, "tipi": _tipi, "ridge": _ridge}.get(look.style, _dome)(art, look)


def _dome(art: Canvas, look: Look) -> None:
    ground(art, 500, FLOOR, 400, 30)
    for x, turn in ((96, 200), (904, -20)):
        art.line([(x + (60 if x < 500 else -60), 690), (x, FLOOR)], 3, "#5a5148")
        art.line([(x, FLOOR - 14), (x + (8 if turn > 0 else -8), FLOOR + 8)], 7, look.accent)
    left = curve((130, FLOOR), (170, 480), (330, 330), (500, 318), 24)
    right = curve((500, 318), (670, 330), (830, 480), (870, FLOOR), 24)
    shell = art.body([*left, *right[1:]], look.main, angle=30)
    side = [*curve((600, 322), (560, 440), (660, 640), (700, FLOOR)), (900, FLOOR), (900, 300)]
    art.fill(side, dark(look.main, 0.35), alpha=0.45, clip=shell)
    art.fill([(0, 765), (1000, 765), (1000, 900), (0, 900)], dark(look.main, 0.55), alpha=0.75, clip=shell)
    for rail in (
        curve((500, 318), (330, 360), (250, 600), (235, FLOOR)),
        curve((500, 318), (560, 400), (690, 640), (705, FLOOR)),
    ):
        art.line(rail, 13, look.accent, clip=shell)
        art.line(moved(rail, -3, -3), 3, light(look.accent, 0.6), alpha=0.7, clip=shell)
    door = [
        *curve((330, FLOOR - 6), (340, 600), (410, 470), (470, 450)),
        *curve((470, 450), (540, 480), (610, 640), (620, FLOOR - 6)),
    ]
    inner = art.clip(door)
    art.fill(door, Linear((dark(look.main, 0.72), dark("#3c2b1d", 0.3)), 90))
    art.fill(ellipse(480, 760, 130, 120), "#ffca6b", alpha=0.55, blur=50, clip=inner)
    flap = [
        *curve((470, 450), (540, 480), (610, 640), (620, FLOOR - 6)),
        *curve((620, FLOOR - 6), (560, 760), (560, 620), (470, 450)),
    ]
    art.shadow(flap, dx=-6, dy=4, blur=8, alpha=0.35)
    art.body(flap, light(look.main, 0.2), angle=0)
    art.line(curve((330, FLOOR - 6), (340, 600), (410, 470), (470, 450)), 5, light(look.main, 0.55))
    vent = smooth([(560, 388), (640, 372), (690, 420), (610, 425)])
    art.fill(vent, dark(look.main, 0.5), alpha=0.75, clip=shell)
    art.line(arc(500, 330, 20, 190, 350, 15), 6, look.accent)


def _tunnel(art: Canvas, look: Look) -> None:
    ground(art, 510, FLOOR, 430, 30)
    back = [
        *curve((420, 400), (620, 380), (800, 430), (850, 540)),
        *curve((850, 540), (900, 620), (925, 720), (935, FLOOR)),
        (300, FLOOR),
    ]
    shell = art.body(back, dark(look.main, 0.1), angle=60)
    for foot, top in ((640, 396), (800, 452)):
        rail = curve(
            (top - 60, top and 388 + (top - 396) * 0.6), (foot + 40, 470), (foot + 80, 640), (foot + 85, FLOOR)
        )
        art.line(rail, 11, look.accent, clip=shell)
        art.line(moved(rail, 10, 2), 8, dark(look.main, 0.5), alpha=0.5, clip=shell)
    window = rounded(640, 560, 110, 90, 30)
    art.fill(turned(window, 6, 690, 600), dark(look.main, 0.5), clip=shell)
    art.fill(turned(rounded(648, 568, 94, 74, 26), 6, 690, 600), Linear(("#9fc2d0", "#d9e6e3"), 60), clip=shell)
    art.fill([(0, 770), (1000, 770), (1000, 900), (0, 900)], dark(look.main, 0.55), alpha=0.8, clip=shell)
    front = [*arc(330, 620, 245, 180, 360, 235), (585, FLOOR), (75, FLOOR)]
    face = art.body(front, look.main, angle=40)
    art.line([*arc(330, 620, 243, 178, 362, 233), (584, FLOOR)], 15, look.accent)
    art.line([(75, FLOOR), (87, 620)], 15, look.accent)
    door = [*arc(330, 640, 160, 180, 360, 160), (500, FLOOR), (160, FLOOR)]
    inner = art.clip(door, face)
    art.fill(door, Linear((dark(look.main, 0.75), "#4a3524"), 90))
    art.fill(ellipse(330, 780, 150, 100), "#ffcf7a", alpha=0.6, blur=46, clip=inner)
    roll = rounded(185, 462, 290, 46, 23)
    art.shadow(roll, blur=8, dy=8)
    art.body(roll, light(look.main, 0.3), angle=90)
    for x in (235, 420):
        art.line([(x, 460), (x, 510)], 9, look.accent)
    art.fill([(60, 775), (160, 775), (160, 860), (60, 860)], dark(look.main, 0.5), alpha=0.7, clip=face)
    art.fill([(500, 775), (600, 775), (600, 860), (500, 860)], dark(look.main, 0.5), alpha=0.7, clip=face)


def _tipi(art: Canvas, look: Look) -> None:
    ground(art, 500, FLOOR, 380, 32)
    for x in (470, 500, 530):
        art.line([(x + (500 - x) * 1.6, 160), (x, 300)], 10, "#8a6242")
    cone = [
        (490, 226),
        (510, 226),
        *curve((510, 226), (620, 480), (760, 680), (870, FLOOR)),
        *curve((870, FLOOR), (640, 822), (360, 822), (130, FLOOR)),
        *curve((130, FLOOR), (240, 680), (380, 480), (490, 226)),
    ]
    shell = art.body(cone, look.main, angle=10)
    for x, tint in ((300, 0.0), (700, 0.28), (790, 0.36)):
        art.fill([(500, 210), (x, 860), (x + 110, 860)], dark(look.main, 0.5), alpha=tint, clip=shell)
    for x in (250, 400, 600, 745):
        art.line([(500, 220), (x, 840)], 3, dark(look.main, 0.4), alpha=0.6, clip=shell)
    for y, height in ((640, 20), (672, 9)):
        band = [*curve((0, y), (300, y + 46), (700, y + 46), (1000, y))]
        art.line(band, height, look.accent, clip=shell)
    door = [
        (500, 400),
        *curve((500, 400), (540, 600), (590, 720), (610, 815)),
        (390, 815),
        *curve((390, 815), (410, 720), (460, 600), (500, 400)),
    ]
    inner = art.clip(door)
    art.fill(door, Linear((dark(look.main, 0.8), "#553a22"), 90))
    art.fill(ellipse(500, 790, 110, 110), "#ffcf7a", alpha=0.65, blur=42, clip=inner)
    for flap in ([(500, 400), *curve((390, 815), (440, 720), (470, 560), (500, 400)), (360, 815)],):
        art.body(
            [
                (500, 400),
                *curve((500, 400), (470, 560), (440, 700), (398, 815)),
                (330, 812),
                *curve((330, 812), (420, 650), (470, 520), flap[0]),
            ],
            light(look.main, 0.3),
            angle=0,
        )
        art.body(
            mirrored(
                [
                    (500, 400),
                    *curve((500, 400), (470, 560), (440, 700), (398, 815)),
                    (330, 812),
                    *curve((330, 812), (420, 650), (470, 520), flap[0]),
                ]
            ),
            dark(look.main, 0.08),
            angle=0,
        )


def _ridge(art: Canvas, look: Look) -> None:
    ground(art, 510, FLOOR, 430, 30)
    far = [(300, 350), (760, 380), (940, FLOOR), (560, FLOOR)]
    shell = art.body(far, dark(look.main, 0.16), angle=60)
    for x in (440, 600, 760):
        art.line([(x - 110, 340), (x + 90, 830)], 3, dark(look.main, 0.5), alpha=0.5, clip=shell)
    art.fill([(0, 762), (1000, 762), (1000, 900), (0, 900)], dark(look.main, 0.5), alpha=0.6, clip=shell)
    front = [
        (300, 350),
        *curve((300, 350), (390, 520), (480, 680), (566, FLOOR)),
        (60, FLOOR),
        *curve((60, FLOOR), (140, 680), (220, 520), (300, 350)),
    ]
    art.body(front, light(look.main, 0.12), angle=20)
    door = [(304, 400), (430, FLOOR - 4), (190, FLOOR - 4)]
    inner = art.clip(door)
    art.fill(door, Linear((dark(look.main, 0.75), "#4a3524"), 90))
    art.fill(ellipse(310, 790, 120, 90), "#ffcf7a", alpha=0.6, blur=42, clip=inner)
    for wing in ([(304, 400), (190, 796), (110, 796), (240, 610)], [(304, 400), (430, 796), (520, 796), (372, 600)]):
        art.shadow(wing, blur=8, dy=5)
        art.body(wing, light(look.main, 0.3), angle=70)
    art.line([(300, 350), (760, 380)], 12, look.accent)
    art.line([(300, 345), (300, 330)], 14, "#6b625a")
    for start, end in (((300, 352), (30, 770)), ((760, 384), (975, 770))):
        art.line([start, end], 3, "#6b625a")


@subject("tarp")
def tarp(art: Canvas, look: Look) -> None:
    """Draw a tarp between two poles."""
    ground(art, 500, FLOOR, 330, 18, 0.22)
    for x in (215, 785):
        ground(art, x, FLOOR, 26, 8)
        art.line([(x, 320), (x, FLOOR)], 14, "#8d8a84")
        art.line([(x - 3, 320), (x - 3, FLOOR)], 4, "#d8d6d0")
    for a, b in (((215, 322), (70, FLOOR)), ((785, 322), (930, FLOOR))):
        art.line([a, b], 3, "#6b625a")
    back = [
        *curve((215, 322), (400, 372), (600, 372), (785, 322)),
        (880, 520),
        *curve((880, 520), (640, 480), (360, 480), (120, 520)),
    ]
    shell = art.body(back, look.main, angle=80)
    art.fill(
        [*curve((215, 322), (400, 372), (600, 372), (785, 322)), (785, 300), (215, 300)],
        light(look.main, 0.4),
        alpha=0.2,
        clip=shell,
    )
    for x in (350, 500, 650):
        art.line([(x, 340), (x + (x - 500) * 0.35, 520)], 3, dark(look.main, 0.4), alpha=0.6, clip=shell)
    art.line(curve((120, 520), (360, 480), (640, 480), (880, 520)), 9, look.accent)
    for x in (120, 880):
        art.line([(x, 520), (x + (40 if x > 500 else -40), FLOOR)], 3, "#6b625a")
        art.fill(ellipse(x, 520, 11), "#e9e5da")


@subject("sleeping-bag")
def sleeping_bag(art: Canvas, look: Look) -> None:
    """Draw a mummy bag, or an open quilt."""
    outline = both(
        [(500, 118), (600, 130), (668, 205), (690, 320), (676, 520), (640, 720), (610, 850), (560, 888), (500, 894)]
    )
    shape = turned(smooth(outline, steps=6), 24)
    art.shadow(shape, dx=20, dy=34, blur=26, alpha=0.34)
    shell = art.body(shape, look.main, angle=20)
    for y in range(330, 880, 62):
        seam = turned(curve((280, y), (400, y + 26), (600, y + 26), (720, y)), 24)
        art.line(seam, 7, dark(look.main, 0.4), alpha=0.5, blur=2, clip=shell)
        art.line(moved(seam, 0, 9), 8, light(look.main, 0.6), alpha=0.3, blur=4, clip=shell)
    hood = turned(smooth(both([(500, 158), (575, 170), (618, 230), (610, 300), (560, 340), (500, 350)]), steps=6), 24)
    art.shadow(hood, dx=0, dy=0, blur=8, alpha=0.4)
    inside = art.body(hood, look.accent, angle=70)
    art.fill(turned(ellipse(500, 190, 130, 66), 24), dark(look.accent, 0.6), alpha=0.5, blur=16, clip=inside)
    pillow = turned(ellipse(500, 286, 84, 44), 24)
    art.body(pillow, light(look.accent, 0.5))
    zipper = turned(curve((560, 340), (585, 460), (580, 640), (566, 760)), 24)
    art.line(zipper, 9, dark(look.main, 0.6), clip=shell)
    art.line(zipper, 3, light(look.accent, 0.3), clip=shell)


@subject("mat")
def mat(art: Canvas, look: Look) -> None:
    """Draw a mat half unrolled: foam, or with air cells."""
    ground(art, 540, 770, 400, 34)
    sheet = [(250, 600), (880, 560), (960, 770), (330, 812)]
    art.fill(moved(sheet, 0, 20), dark(look.main, 0.5))
    shell = art.body(sheet, look.main, angle=30)
    if look.style == "foam":
        for step in range(14):
            x = 262 + step * 48
            art.line([(x, 590), (x + 80, 820)], 17, dark(look.main, 0.3), alpha=0.55, clip=shell)
            art.line([(x + 14, 590), (x + 94, 820)], 6, light(look.main, 0.5), alpha=0.5, clip=shell)
    else:
        for step in range(7):
            x = 300 + step * 88
            art.line([(x, 580), (x + 82, 820)], 10, dark(look.main, 0.5), alpha=0.5, blur=3, clip=shell)
            art.line([(x + 34, 580), (x + 116, 820)], 22, light(look.main, 0.6), alpha=0.3, blur=8, clip=shell)
    drum = [
        (262, 590),
        *curve((262, 590), (300, 548), (350, 544), (380, 560)),
        (470, 770),
        *curve((470, 770), (450, 830), (400, 836), (340, 826)),
    ]
    art.shadow(drum, dx=16, dy=8, blur=14)
    art.body(drum, dark(look.main, 0.04), angle=20)
    art.line(curve((318, 556), (350, 590), (400, 700), (416, 812)), 16, look.accent)
    side = turned(ellipse(304, 708, 84, 122), -10, 304, 708)
    art.body(side, light(look.main, 0.1))
    spiral = turned([(304 + r * 0.66 * c, 708 + r * s) for r, c, s in _spiral(112, 4.2)], -10, 304, 708)
    art.line(moved(spiral, 4, 5), 4, dark(look.main, 0.5), alpha=0.5)
    art.line(spiral, 9, look.accent)


def _spiral(radius: float, turns: float) -> list[tuple[float, float, float]]:
    steps = int(turns * 26)
    return [
        (radius * (1 - step / steps * 0.9), math.cos(step / 26 * 2 * math.pi), math.sin(step / 26 * 2 * math.pi))
        for step in range(steps)
    ]


@subject("pillow")
def pillow(art: Canvas, look: Look) -> None:
    """Draw a travel pillow with its stuff sack."""
    ground(art, 500, 740, 370, 34)
    shape = smooth(
        [
            (170, 480),
            (240, 430),
            (500, 456),
            (760, 430),
            (830, 480),
            (812, 610),
            (836, 700),
            (760, 756),
            (500, 734),
            (240, 756),
            (164, 700),
            (188, 610),
        ],
        steps=7,
    )
    shell = art.body(shape, look.main, angle=70)
    art.fill(
        smooth([(320, 540), (500, 510), (680, 540), (680, 640), (500, 670), (320, 640)]),
        dark(look.main, 0.3),
        alpha=0.4,
        blur=34,
        clip=shell,
    )
    for fold in (
        curve((200, 470), (280, 520), (320, 520), (340, 560)),
        curve((800, 470), (720, 520), (690, 520), (660, 560)),
        curve((205, 720), (280, 690), (320, 670), (350, 640)),
        curve((795, 720), (720, 690), (690, 670), (650, 640)),
    ):
        art.line(fold, 10, dark(look.main, 0.4), alpha=0.4, blur=5, clip=shell)
    art.fill(rounded(748, 560, 74, 44, 8), look.accent)
    art.fill([(764, 594), (785, 570), (806, 594)], light(look.accent, 0.8))
    sack = rounded(330, 700, 190, 110, 50)
    art.shadow(sack, blur=12)
    art.body(sack, look.accent, angle=90)
    art.line([(515, 726), (556, 716), (560, 780), (515, 786)], 8, dark(look.accent, 0.4))


@subject("hammock")
def hammock(art: Canvas, look: Look) -> None:
    """Draw a hammock between two trees."""
    for x in (120, 880):
        ground(art, x, 830, 110, 24)
        trunk = [
            (x - 44, 90),
            (x + 40, 90),
            *curve((x + 40, 90), (x + 36, 500), (x + 44, 760), (x + 74, 832)),
            *curve((x - 80, 832), (x - 48, 760), (x - 40, 500), (x - 44, 90)),
        ]
        bark = art.body(trunk, "#7a5a42", angle=0)
        for shift in (-22, 0, 22):
            art.line(
                [(x + shift, 120 + shift * 3), (x + shift - 4, 420 + shift * 4)], 5, "#54392a", alpha=0.6, clip=bark
            )
            art.line([(x + shift + 6, 560 - shift * 2), (x + shift, 760)], 5, "#54392a", alpha=0.6, clip=bark)
        art.line([(x - 46, 300), (x + 44, 304)], 22, look.accent)
    ground(art, 500, 830, 220, 16, 0.2)
    back = [
        *curve((232, 386), (360, 470), (640, 470), (768, 386)),
        *curve((768, 386), (700, 620), (300, 620), (232, 386)),
    ]
    art.body(back, dark(look.main, 0.38), angle=90)
    front = [
        *curve((232, 386), (330, 620), (670, 620), (768, 386)),
        *curve((768, 386), (740, 780), (260, 780), (232, 386)),
    ]
    shell = art.body(front, look.main, angle=70)
    for x in (340, 420, 500, 580, 660):
        art.line(
            curve((500 + (x - 500) * 1.45, 420), (x - (500 - x) * 0.3, 520), (x, 620), (x, 720)),
            7,
            dark(look.main, 0.4),
            alpha=0.4,
            blur=3,
            clip=shell,
        )
    art.line(curve((232, 386), (330, 620), (670, 620), (768, 386)), 12, look.accent)
    for a, b in (((160, 304), (234, 388)), ((840, 304), (766, 388))):
        art.line([a, b], 9, "#4d4a48")
        art.fill(ellipse(*b, 13), "#c9c5bb")


@subject("chair")
def chair(art: Canvas, look: Look) -> None:
    """Draw a low camp chair."""
    ground(art, 500, 838, 300, 26)
    for leg in ([(330, 560), (270, 836)], [(670, 560), (730, 836)], [(420, 640), (640, 836)], [(580, 640), (360, 836)]):
        art.line(leg, 20, "#3a3f47")
        art.line(moved(leg, -4, -2), 5, "#88909b")
        art.fill(ellipse(leg[1][0], 834, 17, 11), "#22252b")
    for pole in ([(330, 600), (300, 190)], [(670, 600), (700, 190)]):
        art.line(pole, 20, "#3a3f47")
        art.line(moved(pole, -4, 0), 5, "#88909b")
    back: Points = [
        (298, 176),
        *curve((298, 176), (400, 250), (600, 250), (702, 176)),
        (690, 520),
        *curve((690, 520), (600, 620), (400, 620), (310, 520)),
    ]
    art.shadow(back, dy=20, blur=18, alpha=0.2)
    shell = art.body(back, look.main, angle=70)
    art.fill(
        smooth([(380, 300), (500, 320), (620, 300), (610, 440), (500, 470), (390, 440)]),
        dark(look.main, 0.55),
        alpha=0.55,
        clip=shell,
    )
    for y in range(312, 460, 16):
        art.line([(380, y), (620, y)], 2, light(look.main, 0.3), alpha=0.4, clip=shell)
    seat = [
        (300, 520),
        *curve((300, 520), (400, 590), (600, 590), (700, 520)),
        *curve((700, 520), (740, 640), (640, 716), (500, 716)),
        *curve((500, 716), (360, 716), (260, 640), (300, 520)),
    ]
    art.shadow(seat, dy=12, blur=16, alpha=0.3)
    art.body(seat, mix(look.main, light(look.main), 0.6), angle=80)
    art.line(curve((268, 600), (330, 730), (670, 730), (732, 600)), 12, look.accent)
    for x in (300, 700):
        art.fill(rounded(x - 24, 160, 48, 40, 12), look.accent)
