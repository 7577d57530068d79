"""Bottles, stoves and what one eats with."""

from __future__ import annotations

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Linear, dark, light
from rustok.demo.art.geometry import (
    Points,
    arc,
    both,
    box,
    curve,
    ellipse,
    grown,
    rounded,
    smooth,
    turned,
)
from rustok.demo.art.look import Look, subject

STEEL = "#b9c0c6"


@subject("bottle")
def bottle(art: Canvas, look: Look) -> None:
    """Draw a drinking bottle; style `flask` has a cup as its lid."""
    ground(art, 500, 880, 170, 24)
    flask = look.style == "flask"
    outline = both([(500, 290), (560, 290), (572, 320), (630, 372), (640, 440), (640, 840), (622, 878), (500, 882)])
    if flask:
        outline = both([(500, 270), (606, 270), (616, 300), (622, 340), (622, 850), (608, 878), (500, 882)])
    shell = art.body(outline, look.main, angle=0, depth=1.3)
    art.fill(box(408, 250, 36, 650), "#ffffff", alpha=0.34, blur=12, clip=shell)
    art.fill(box(590, 250, 30, 650), dark(look.main, 0.5), alpha=0.3, blur=12, clip=shell)
    art.fill(box(300, 812, 400, 90), dark(look.main, 0.35), alpha=0.8, clip=shell)
    art.fill(box(300, 806, 400, 7), look.accent, clip=shell)
    peak = [(404, 660), (470, 540), (502, 590), (528, 556), (596, 660)]
    art.fill(peak, light(look.main, 0.75), alpha=0.9, clip=shell)
    art.line([(404, 684), (596, 684)], 7, light(look.main, 0.75), alpha=0.9, clip=shell)
    if flask:
        art.body(rounded(394, 120, 212, 160, 24, 24, 6, 6), STEEL, angle=0)
        art.fill(box(420, 128, 26, 148), "#ffffff", alpha=0.5, blur=6)
        art.line([(396, 286), (604, 286)], 10, look.accent)
        return
    art.body(rounded(434, 232, 132, 74, 12), STEEL, angle=0)
    lid = art.body(rounded(424, 148, 152, 92, 22, 22, 8, 8), look.accent, angle=0)
    for x in range(436, 572, 18):
        art.line([(x, 172), (x, 236)], 5, dark(look.accent, 0.35), alpha=0.6, clip=lid)
    art.line(arc(500, 154, 60, 180, 360, 62), 22, dark(look.accent, 0.12))
    art.line(arc(500, 150, 62, 200, 300, 62), 5, light(look.accent, 0.5))


@subject("mug")
def mug(art: Canvas, look: Look) -> None:
    """Draw an enamel mug with speckles and steam, and mountains or an open book on it."""
    ground(art, 480, 806, 270, 26)
    steam(art, 460, 330)
    art.line(
        smooth([(690, 480), (800, 470), (830, 580), (790, 680), (680, 690)], closed=False), 40, dark(look.main, 0.12)
    )
    art.line(smooth([(690, 472), (792, 462), (822, 560)], closed=False), 7, light(look.main, 0.5), alpha=0.7)
    cup = [
        (240, 400),
        (720, 400),
        *curve((720, 400), (720, 600), (712, 760), (690, 790)),
        *curve((690, 790), (600, 820), (360, 820), (270, 790)),
        *curve((270, 790), (248, 760), (240, 600), (240, 400)),
    ]
    shell = art.body(cup, look.main, angle=0, depth=1.2)
    for _ in range(60):
        art.fill(
            ellipse(look.dice.uniform(240, 720), look.dice.uniform(440, 800), look.dice.uniform(2, 5)),
            "#ffffff",
            alpha=0.75,
            clip=shell,
        )
    ink = light(look.main, 0.85)
    if look.style == "book":
        for side in (-1, 1):
            page = [
                (480, 590),
                *curve((480, 590), (480 + side * 50, 560), (480 + side * 100, 562), (480 + side * 140, 574)),
            ]
            art.fill([*page, (480 + side * 140, 700), (480, 716)], ink if side < 0 else dark(ink, 0.1), clip=shell)
    else:
        art.fill([(340, 700), (440, 560), (490, 620), (530, 580), (620, 700)], ink, clip=shell)
    art.fill(ellipse(480, 400, 242, 52), look.accent)
    art.fill(ellipse(480, 402, 224, 42), dark(look.main, 0.4))
    art.fill(ellipse(480, 412, 206, 32), Linear(("#6b3f22", "#3a2012"), 20))


def steam(art: Canvas, x: float, y: float, scale: float = 1) -> None:
    """Let steam rise from a point."""
    for dx, lean in ((-70, 1), (0, -1), (70, 1)):
        wisp = curve(
            (x + dx * scale, y),
            (x + (dx + 46 * lean) * scale, y - 60 * scale),
            (x + (dx - 50 * lean) * scale, y - 120 * scale),
            (x + (dx + 10) * scale, y - 190 * scale),
        )
        art.line(wisp, 20 * scale, "#ffffff", alpha=0.6, blur=9 * scale)


@subject("stove")
def stove(art: Canvas, look: Look) -> None:
    """Draw a gas stove; style `wood` is a folding box stove, `system` a stove with its pot."""
    if look.style == "wood":
        _wood_stove(art, look)
        return
    ground(art, 500, 868, 210, 26)
    can = [
        (340, 640),
        *curve((340, 640), (360, 590), (440, 584), (500, 584)),
        *curve((500, 584), (560, 584), (640, 590), (660, 640)),
        (664, 840),
        *curve((664, 840), (640, 876), (360, 876), (336, 840)),
    ]
    shell = art.body(can, look.main, angle=0, depth=1.2)
    art.fill(box(330, 690, 340, 90), look.accent, alpha=0.95, clip=shell)
    art.fill([(440, 766), (486, 704), (510, 734), (524, 718), (562, 766)], light(look.accent, 0.85), clip=shell)
    art.fill(box(376, 590, 30, 290), "#ffffff", alpha=0.4, blur=12, clip=shell)
    art.body(rounded(470, 520, 60, 80, 8), STEEL, angle=0)
    art.line([(530, 560), (640, 560)], 9, STEEL)
    art.line(arc(668, 560, 28, 0, 360), 9, "#8f979e")
    art.body(rounded(484, 450, 32, 80, 4), "#8f979e", angle=0)
    if look.style == "system":
        pot = both([(500, 120), (650, 124), (656, 150), (648, 420), (620, 448), (500, 450)])
        art.body(pot, dark(look.main, 0.25), angle=0, depth=1.3)
        sleeve = both([(500, 190), (654, 190), (650, 400), (500, 404)])
        cover = art.body(sleeve, light(look.main, 0.05), angle=0, depth=1.2)
        art.fill(box(380, 180, 40, 240), "#ffffff", alpha=0.3, blur=14, clip=cover)
        art.line([(660, 220), (730, 230), (730, 370), (656, 380)], 20, look.accent)
        art.body(rounded(336, 96, 328, 44, 20), "#3a3f47", angle=0)
        return
    for x in (-1, 1):
        arm = [(500 + x * 20, 470), (500 + x * 150, 400), (500 + x * 190, 340), (500 + x * 60, 352)]
        art.line(arm[:3], 15, "#8f979e")
        art.line(arm[2:], 13, "#a5acb3")
    for dx in range(-60, 61, 24):
        flame = smooth(
            [(500 + dx, 410), (500 + dx + 13, 380), (500 + dx, 330 - (60 - abs(dx)) * 0.5), (500 + dx - 13, 380)],
            steps=5,
        )
        art.fill(flame, Linear(("#8fd0ff", "#2f6fe0"), 90), alpha=0.9)
    art.body(rounded(420, 404, 160, 52, 16, 16, 30, 30), "#9aa2a9", angle=0)
    art.fill(ellipse(500, 404, 80, 14), "#5b6167")


def _wood_stove(art: Canvas, look: Look) -> None:
    ground(art, 500, 846, 320, 28)
    art.fill(ellipse(500, 330, 190, 120), "#ff9d3c", alpha=0.35, blur=60)
    for dx, tall in ((-110, 150), (-40, 240), (40, 210), (110, 140)):
        flame = smooth([(500 + dx - 50, 420), (500 + dx, 420 - tall), (500 + dx + 50, 420), (500 + dx, 450)], steps=8)
        art.fill(flame, Linear(("#ffd35c", "#f2782b"), 90))
        art.fill(grown(flame, 0.55, 500 + dx, 440), "#fff1b0")
    art.fill([(250, 390), (750, 390), (770, 430), (230, 430)], "#2f3338")
    side = art.body([(230, 420), (770, 420), (800, 830), (200, 830)], look.main, angle=20, depth=1.3)
    for row, count in ((500, 6), (560, 7)):
        for index in range(count):
            x = 500 + (index - (count - 1) / 2) * 72
            art.fill(rounded(x - 16, row, 32, 30, 15), "#2a1c14", clip=side)
            art.fill(ellipse(x, row + 24, 16, 12), "#ff8a2a", alpha=0.8, clip=side)
    door = rounded(360, 650, 280, 140, 14)
    art.fill(door, "#20140e")
    art.fill(ellipse(500, 790, 130, 60), "#ff9836", alpha=0.9, blur=16, clip=art.clip(door))
    for x in (214, 786):
        art.line([(x, 820), (x + (x - 500) * 0.06, 850)], 18, "#3a3f47")


@subject("pots")
def pots(art: Canvas, look: Look) -> None:
    """Draw a nesting set of pots."""
    ground(art, 500, 836, 360, 30)
    for cx, base, scale, ink in ((650, 800, 0.8, dark(look.main, 0.18)), (390, 836, 1.0, look.main)):
        wide, tall = 220 * scale, 300 * scale
        top = base - tall
        art.line(
            [(cx + wide - 10, top + 60 * scale), (cx + wide + 130 * scale, top + 40 * scale)], 30 * scale, look.accent
        )
        shell = art.body(
            both(
                [
                    (cx, top),
                    (cx + wide, top),
                    (cx + wide, base - 50 * scale),
                    (cx + wide - 40 * scale, base),
                    (cx, base + 4),
                ],
                cx,
            ),
            ink,
            angle=0,
            depth=1.3,
        )
        art.fill(box(cx - wide * 0.7, top, 50 * scale, tall), "#ffffff", alpha=0.3, blur=16, clip=shell)
        for step in range(4):
            y = base - 70 * scale - step * 40 * scale
            art.line([(cx + wide * 0.5, y), (cx + wide * 0.66, y)], 4 * scale, light(ink, 0.7), alpha=0.7)
        art.body(ellipse(cx, top, wide + 12 * scale, 46 * scale), light(ink, 0.2), angle=0)
        art.fill(ellipse(cx, top - 6 * scale, wide * 0.86, 32 * scale), light(ink, 0.35), alpha=0.8)
        art.line(arc(cx, top - 14 * scale, 50 * scale, 180, 360, 56 * scale), 18 * scale, look.accent)


@subject("cutlery")
def cutlery(art: Canvas, look: Look) -> None:
    """Draw a spoon, a fork and a knife with coloured grips."""
    for index, (x, ink) in enumerate(((330, look.main), (500, look.accent), (670, dark(look.main, 0.2)))):
        turn = (index - 1) * 9
        grip = turned(rounded(x - 28, 520, 56, 330, 26), turn, x, 850)
        neck = turned(rounded(x - 14, 380, 28, 180, 10), turn, x, 850)
        heads: list[Points] = [
            smooth(
                [(x, 140), (x + 62, 200), (x + 58, 320), (x + 16, 400), (x - 16, 400), (x - 58, 320), (x - 62, 200)],
                steps=6,
            ),
            [
                (x - 56, 150),
                (x - 38, 150),
                (x - 34, 260),
                (x - 14, 260),
                (x - 11, 150),
                (x + 11, 150),
                (x + 14, 260),
                (x + 34, 260),
                (x + 38, 150),
                (x + 56, 150),
                (x + 52, 330),
                (x + 16, 400),
                (x - 16, 400),
                (x - 52, 330),
            ],
            smooth([(x - 12, 130), (x + 26, 160), (x + 44, 280), (x + 24, 400), (x - 20, 400), (x - 20, 260)], steps=6),
        ]
        head = turned(heads[index], turn, x, 850)
        for part in (neck, head):
            art.shadow(part, dx=10, dy=16, blur=14, alpha=0.25)
            art.body(part, STEEL, angle=20)
        if index == 0:
            art.fill(turned(ellipse(x, 250, 38, 84), turn, x, 850), dark(STEEL, 0.3), alpha=0.45, blur=10)
        art.shadow(grip, dx=10, dy=16, blur=14, alpha=0.25)
        art.body(grip, ink, angle=20)
        art.fill(turned(ellipse(x, 816, 11), turn, x, 850), light(ink, 0.8))


@subject("filter")
def water_filter(art: Canvas, look: Look) -> None:
    """Draw a squeeze filter on a soft bottle."""
    ground(art, 500, 880, 190, 22)
    soft = smooth(both([(500, 430), (560, 440), (660, 520), (680, 700), (650, 860), (500, 880)]), steps=6)
    shell = art.body(soft, light(look.main, 0.55), angle=20)
    art.fill([(200, 600), (800, 580), (800, 900), (200, 900)], look.main, alpha=0.4, clip=shell)
    art.fill(ellipse(410, 640, 26, 150), "#ffffff", alpha=0.6, blur=14, clip=shell)
    for step in range(5):
        art.line([(590, 640 + step * 42), (630, 640 + step * 42)], 5, dark(look.main, 0.4), alpha=0.7, clip=shell)
    art.body(rounded(430, 390, 140, 56, 12), "#3a3f47", angle=0)
    tube = art.body(rounded(410, 180, 180, 220, 24), look.accent, angle=0, depth=1.2)
    art.fill(box(436, 180, 30, 220), "#ffffff", alpha=0.4, blur=9, clip=tube)
    for y in (230, 262, 294, 326):
        art.line([(480, y), (572, y)], 10, light(look.accent, 0.7), alpha=0.8)
    art.body(rounded(460, 110, 80, 78, 18, 18, 6, 6), "#3a3f47", angle=0)
