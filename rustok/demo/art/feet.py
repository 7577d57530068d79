"""Socks, boots and sandals."""

from __future__ import annotations

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Ink, dark, light
from rustok.demo.art.geometry import Points, arc, curve, ellipse, moved, rounded, smooth
from rustok.demo.art.look import Look, subject


@subject("socks")
def socks(art: Canvas, look: Look) -> None:
    """Draw a pair of socks."""
    for dx, dy, shade in ((110, -34, 0.14), (0, 0, 0)):
        leg = smooth(
            [
                (330, 150),
                (430, 142),
                (520, 150),
                (528, 330),
                (520, 500),
                (560, 590),
                (680, 690),
                (724, 770),
                (690, 836),
                (590, 846),
                (460, 780),
                (350, 660),
                (322, 560),
                (330, 340),
            ],
            steps=5,
        )
        sock = moved(leg, dx - 40, dy)
        art.shadow(sock, dx=10, dy=20, blur=20, alpha=0.3)
        shell = art.body(sock, dark(look.main, shade), angle=20)
        art.fill(moved([(640, 640), (760, 700), (760, 880), (560, 880)], dx - 40, dy), look.accent, clip=shell)
        art.fill(moved(ellipse(340, 700, 120, 110), dx - 40, dy), look.accent, clip=shell)
        for y in (250, 290, 330):
            art.line(
                moved(curve((300, y), (400, y + 12), (480, y + 12), (560, y)), dx - 40, dy),
                15 if y == 290 else 8,
                look.accent,
                clip=shell,
            )
        for x in range(320, 545, 17):
            art.line(moved([(x, 130), (x, 222)], dx - 40, dy), 5, dark(look.main, 0.45), alpha=0.5, clip=shell)


def _sole(art: Canvas, points: Points, ink: Ink, lug: Ink) -> None:
    for x in range(190, 820, 46):
        art.fill(rounded(x, 800, 30, 34, 6), lug)
    art.body(points, ink, angle=90)


@subject("boot")
def boot(art: Canvas, look: Look) -> None:
    """Draw a hiking boot from the side; style `shoe` is cut low."""
    low = look.style == "shoe"
    top = 470.0 if low else 250.0
    ground(art, 510, 836, 360, 26)
    _sole(
        art,
        [
            (176, 756),
            *curve((176, 756), (160, 800), (170, 826), (200, 826)),
            (800, 826),
            *curve((800, 826), (860, 820), (872, 780), (850, 744)),
            (500, 730),
        ],
        "#2d2b2c",
        "#1d1c1e",
    )
    art.fill(rounded(186, 742, 660, 34, 14), light(look.accent, 0.4))
    upper = [
        (200, 756),
        *curve((200, 756), (190, 640), (226, 520), (228, top + 20)),
        (232, top),
        *curve((232, top), (300, top - 22), (380, top - 20), (430, top + 6)),
        *curve((430, top + 6), (450, max(top + 90, 430)), (480, 520), (560, 566)),
        *curve((560, 566), (680, 600), (800, 630), (838, 700)),
        *curve((838, 700), (852, 730), (850, 756), (840, 758)),
    ]
    shell = art.body(upper, look.main, angle=40)
    art.fill(
        [*curve((838, 640), (760, 640), (690, 690), (684, 770)), (900, 770), (900, 620)],
        dark(look.main, 0.45),
        alpha=0.85,
        clip=shell,
    )
    art.fill(
        [(150, 620), *curve((240, 620), (300, 650), (320, 700), (330, 770)), (150, 770)],
        dark(look.main, 0.45),
        alpha=0.85,
        clip=shell,
    )
    art.line(
        [(208, 590), *curve((300, 600), (420, 640), (500, 690), (560, 770))], 16, look.accent, alpha=0.9, clip=shell
    )
    collar = [
        (180, top + 76),
        *curve((226, top + 70), (300, top + 96), (380, top + 80), (480, top + 90)),
        (480, top - 60),
        (180, top - 60),
    ]
    art.fill(collar, dark(look.main, 0.3), alpha=0.75, clip=shell)
    for y in (top + 20, top + 44):
        art.line(
            curve((200, y), (300, y + 22), (380, y + 12), (470, y + 16)),
            3,
            light(look.main, 0.4),
            alpha=0.4,
            clip=shell,
        )
    tongue = [
        (400, top - 6),
        *curve((400, top - 6), (440, top - 50), (480, top - 46), (490, top - 20)),
        (486, top + 90),
        (440, top + 90),
    ]
    art.body(tongue, dark(look.main, 0.2))
    rows = 4 if low else 7
    for index in range(rows):
        t = index / (rows - 1)
        x = 432.0 + t * t * 150
        y = top + 56 + t * (590 - top - 70)
        art.line([(x - 34, y + 16), (x + 30, y - 8)], 9, look.accent)
        art.line([(x - 34, y - 8), (x + 30, y + 14)], 9, light(look.accent, 0.25))
        art.fill(ellipse(x - 38, y + 4, 9), "#d8d4cc")
    art.line(arc(225, top + 10, 26, 90, 270, 34), 11, look.accent)


@subject("sandal")
def sandal(art: Canvas, look: Look) -> None:
    """Draw a trekking sandal from the side."""
    ground(art, 510, 812, 360, 24)
    sole = [
        (160, 720),
        *curve((160, 720), (150, 790), (180, 806), (230, 804)),
        (770, 804),
        *curve((770, 804), (850, 800), (880, 740), (850, 706)),
        *curve((850, 706), (640, 760), (420, 700), (160, 690)),
    ]
    art.body(sole, "#33312f", angle=90)
    art.line(curve((165, 706), (420, 716), (640, 772), (850, 722)), 18, look.accent)
    for points in (
        [(200, 710), (230, 520), (330, 500), (360, 720)],
        [(330, 716), (300, 560), (430, 520), (560, 740), (470, 735)],
        [(560, 746), (590, 610), (740, 600), (810, 730), (720, 742)],
    ):
        strap = smooth(points, steps=6)
        art.shadow(strap, dy=6, blur=8, alpha=0.25)
        art.body(strap, look.main)
    art.line(curve((250, 545), (380, 500), (470, 560), (660, 640)), 40, dark(look.main, 0.12))
    art.line(curve((250, 540), (380, 495), (470, 552), (660, 630)), 8, look.accent)
    art.body(rounded(420, 512, 66, 58, 12), dark(look.main, 0.55))
