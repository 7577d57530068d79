"""What coffee is made with and drunk from."""

from __future__ import annotations

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.coffee import bean
from rustok.demo.art.colour import Linear, dark, light, luminance, mix
from rustok.demo.art.geometry import (
    both,
    box,
    curve,
    ellipse,
    moved,
    rounded,
    smooth,
    turned,
)
from rustok.demo.art.kitchen import STEEL, steam
from rustok.demo.art.look import Look, subject

BREW = Linear(("#6b3f22", "#3a2012"), 20)
GLASS = "#cfe0e4"


@subject("cup")
def cup(art: Canvas, look: Look) -> None:
    """Draw a cup and saucer; `tumbler` is a travel cup, `glass` a double wall, `set` a pair."""
    if look.style == "tumbler":
        _tumbler(art, look)
        return
    ground(art, 500, 810, 340, 26)
    steam(art, 470, 380)
    if look.style == "glass":
        outer = both([(470, 420), (640, 424), (650, 600), (600, 760), (540, 796), (470, 800)], 470)
        art.fill(smooth(outer, steps=5), GLASS, alpha=0.55)
        art.fill(smooth(both([(470, 500), (606, 504), (606, 620), (560, 720), (470, 750)], 470), steps=5), BREW)
        art.fill(ellipse(470, 505, 134, 26), "#b98450")
        art.line(curve((350, 460), (330, 600), (370, 720), (400, 770)), 9, "#ffffff", alpha=0.8)
        art.line(ellipse(470, 424, 168, 30), 5, "#ffffff", alpha=0.8)
        return
    art.body(ellipse(500, 786, 330, 52), light(look.main, 0.1), angle=80)
    art.fill(ellipse(500, 778, 200, 28), dark(look.main, 0.3), alpha=0.4, blur=8)
    art.line(
        smooth([(680, 500), (780, 480), (816, 560), (770, 650), (660, 670)], closed=False), 34, dark(look.main, 0.08)
    )
    art.line(smooth([(680, 492), (776, 472), (808, 540)], closed=False), 6, light(look.main, 0.7), alpha=0.7)
    bowl = [
        (270, 440),
        (714, 440),
        *curve((714, 440), (712, 620), (640, 760), (560, 776)),
        (430, 776),
        *curve((430, 776), (344, 760), (272, 620), (270, 440)),
    ]
    shell = art.body(bowl, look.main, angle=0, depth=1.2)
    art.fill(box(250, 530, 500, 22), look.accent, clip=shell)
    art.fill(box(250, 562, 500, 8), look.accent, clip=shell)
    art.fill(ellipse(492, 440, 222, 50), light(look.main, 0.5))
    art.fill(ellipse(492, 444, 204, 40), dark(look.main, 0.4))
    art.fill(ellipse(492, 450, 192, 32), Linear(("#8a5a34", "#5a321a"), 20))
    art.fill(smooth([(492, 474), (420, 446), (450, 428), (492, 440), (534, 428), (564, 446)], steps=6), "#ecd6b0")


def _tumbler(art: Canvas, look: Look) -> None:
    ground(art, 500, 880, 170, 22)
    body = [(366, 300), (634, 300), (594, 872), (406, 872)]
    shell = art.body(body, look.main, angle=0, depth=1.2)
    art.fill([(410, 300), (450, 300), (456, 880), (430, 880)], "#ffffff", alpha=0.35, blur=12, clip=shell)
    art.fill([(340, 470), (660, 470), (660, 660), (340, 660)], look.accent, clip=shell)
    for y in range(480, 660, 16):
        art.line([(340, y), (660, y)], 4, dark(look.accent, 0.3), alpha=0.5, clip=shell)
    art.body(both([(500, 210), (610, 214), (640, 250), (650, 306), (500, 310)]), dark(look.main, 0.5), angle=0)
    art.body(rounded(440, 180, 120, 44, 18), look.accent)
    bean(art, 500, 566, 40, 60, "#f6ead2")


@subject("dripper")
def dripper(art: Canvas, look: Look) -> None:
    """Draw a cone dripper on a glass server."""
    ground(art, 490, 880, 240, 26)
    server = smooth(both([(490, 560), (560, 560), (590, 640), (680, 760), (660, 872), (490, 880)], 490), steps=6)
    art.line(smooth([(640, 640), (770, 640), (790, 740), (680, 810)], closed=False), 20, "#2f3338")
    art.fill(server, GLASS, alpha=0.6)
    glass = art.clip(server)
    art.fill(box(280, 730, 420, 170), BREW, alpha=0.94, clip=glass)
    art.fill(ellipse(490, 730, 178, 22), "#8a5a34", clip=glass)
    art.line(curve((370, 680), (330, 760), (330, 820), (360, 860)), 11, "#ffffff", alpha=0.7, clip=glass)
    art.line([(490, 560), (490, 730)], 7, "#4a2814")
    paper = [(276, 236), (704, 236), (560, 500), (420, 500)]
    art.fill(paper, "#f6efdf")
    cone = [
        (262, 290),
        (718, 290),
        *curve((718, 290), (640, 420), (580, 500), (560, 530)),
        (420, 530),
        *curve((420, 530), (400, 500), (340, 420), (262, 290)),
    ]
    art.line(smooth([(690, 320), (790, 310), (800, 400), (660, 430)], closed=False), 28, dark(look.main, 0.1))
    shell = art.body(cone, look.main, angle=0, depth=1.2)
    for x in range(300, 720, 46):
        art.line(
            curve((x, 300), (x + (490 - x) * 0.3, 400), (x + (490 - x) * 0.55, 470), (490 + (x - 490) * 0.34, 540)),
            7,
            dark(look.main, 0.3),
            alpha=0.4,
            clip=shell,
        )
    art.fill(ellipse(490, 290, 228, 40), light(look.main, 0.35))
    art.fill(ellipse(490, 284, 214, 40), "#f6efdf")
    art.fill(ellipse(490, 296, 180, 26), BREW)
    art.body(rounded(350, 528, 280, 30, 14), look.main, angle=90)
    art.fill(rounded(350, 528, 280, 6, 3), look.accent)
    steam(art, 490, 250, 0.8)


@subject("grinder")
def grinder(art: Canvas, look: Look) -> None:
    """Draw a hand grinder; `box` is the wooden one, `electric` has a hopper."""
    if look.style == "electric":
        _electric(art, look)
        return
    if look.style == "box":
        _box_grinder(art, look)
        return
    ground(art, 480, 886, 170, 22)
    art.line([(480, 190), (770, 160)], 20, "#6f777e")
    art.line([(480, 185), (770, 155)], 5, "#d5dade")
    art.body(ellipse(776, 130, 40, 48), "#8b5a36")
    art.body(rounded(462, 170, 36, 90, 8), STEEL, angle=0)
    art.body(rounded(388, 240, 184, 60, 20), "#34383f", angle=0)
    shell = art.body(rounded(384, 290, 192, 330, 8), look.main, angle=0, depth=1.3)
    art.fill(box(410, 290, 30, 330), "#ffffff", alpha=0.35, blur=10, clip=shell)
    for y in range(410, 560, 13):
        art.line([(384, y), (576, y)], 4, dark(look.main, 0.4), alpha=0.6, clip=shell)
    art.fill(box(384, 606, 192, 16), look.accent)
    jar = art.body(rounded(380, 620, 200, 262, 6, 6, 26, 26), "#5a3a28", angle=0, depth=1.3)
    art.fill(box(410, 620, 30, 262), "#ffffff", alpha=0.26, blur=10, clip=jar)
    bean(art, 480, 750, 36, 60, "#caa779")


def _box_grinder(art: Canvas, look: Look) -> None:
    ground(art, 500, 866, 280, 26)
    art.line(curve((500, 260), (560, 170), (680, 160), (770, 200)), 22, "#6f777e")
    art.body(ellipse(786, 176, 36, 46), look.accent)
    art.body(both([(500, 270), (560, 300), (650, 400), (660, 440), (500, 444)]), STEEL, angle=0, depth=1.3)
    art.body(ellipse(500, 270, 44, 26), "#8f979e")
    shell = art.body(rounded(280, 440, 440, 380, 10), look.main, angle=20)
    for y in (500, 560, 640, 700, 760):
        art.line(
            curve((270, y), (400, y + 14), (600, y - 16), (730, y + 6)), 4, dark(look.main, 0.4), alpha=0.5, clip=shell
        )
    drawer = rounded(370, 620, 260, 150, 8)
    art.shadow(drawer, dy=4, blur=6)
    art.body(drawer, light(look.main, 0.12), angle=20)
    art.body(ellipse(500, 694, 24), STEEL)
    art.body(rounded(250, 810, 500, 54, 12), dark(look.main, 0.25), angle=90)
    art.body(rounded(262, 428, 476, 32, 10), dark(look.main, 0.2), angle=90)


def _electric(art: Canvas, look: Look) -> None:
    ground(art, 500, 880, 220, 26)
    hopper = [(360, 130), (640, 130), (590, 340), (410, 340)]
    art.fill(hopper, GLASS, alpha=0.6)
    clip = art.clip(hopper)
    for _ in range(46):
        bean(art, look.dice.uniform(425, 575), look.dice.uniform(220, 330), 22, look.dice.uniform(0, 180), "#5c331a")
    art.fill([(380, 140), (420, 140), (440, 330), (420, 330)], "#ffffff", alpha=0.5, blur=6, clip=clip)
    art.body(rounded(350, 106, 300, 34, 14), "#2f3338", angle=90)
    shell = art.body(both([(500, 336), (590, 336), (620, 380), (630, 660), (500, 664)]), look.main, angle=0, depth=1.2)
    art.fill(box(400, 340, 34, 320), "#ffffff", alpha=0.3, blur=12, clip=shell)
    art.body(ellipse(500, 480, 58), "#34383f")
    art.line([(500, 480), (528, 446)], 9, look.accent)
    art.fill([(400, 660), (600, 660), (560, 700), (440, 700)], "#2f3338")
    art.body(rounded(410, 716, 180, 120, 8, 8, 24, 24), "#6b4a35", angle=0)
    art.body(rounded(350, 830, 300, 48, 16), dark(look.main, 0.4), angle=90)


@subject("kettle")
def kettle(art: Canvas, look: Look) -> None:
    """Draw a gooseneck kettle."""
    ground(art, 520, 850, 290, 28)
    spout = smooth([(330, 740), (240, 720), (220, 560), (200, 430), (130, 390)], closed=False)
    art.line(spout, 46, dark(look.main, 0.22))
    art.line(spout, 34, look.main)
    art.line(moved(spout, -6, -4), 6, light(look.main, 0.6), alpha=0.7)
    art.line(
        smooth([(700, 480), (860, 440), (880, 600), (840, 760)], closed=False),
        40,
        "#7a4d2e" if look.style == "wood" else "#2f3338",
    )
    body = [
        (360, 430),
        (700, 430),
        *curve((700, 430), (740, 600), (770, 760), (760, 830)),
        *curve((760, 830), (620, 852), (420, 852), (290, 830)),
        *curve((290, 830), (290, 760), (330, 600), (360, 430)),
    ]
    shell = art.body(body, look.main, angle=0, depth=1.3)
    art.fill([(410, 430), (460, 430), (420, 850), (360, 850)], "#ffffff", alpha=0.3, blur=18, clip=shell)
    art.body(ellipse(530, 430, 170, 40), light(look.main, 0.1), angle=0)
    art.body(ellipse(530, 416, 120, 28), dark(look.main, 0.15), angle=0)
    art.body(rounded(506, 350, 48, 60, 14), look.accent)
    art.body(ellipse(530, 346, 38, 24), look.accent)
    art.line(curve((296, 800), (420, 824), (640, 824), (758, 800)), 6, look.accent, alpha=0.8, clip=shell)


@subject("press")
def press(art: Canvas, look: Look) -> None:
    """Draw a French press."""
    ground(art, 480, 880, 220, 26)
    art.line(smooth([(630, 380), (800, 380), (810, 600), (640, 740)], closed=False), 36, look.main)
    art.line([(480, 130), (480, 330)], 11, "#8f979e")
    art.body(ellipse(480, 120, 36), look.main)
    jug = rounded(310, 320, 340, 540, 10, 10, 30, 30)
    art.fill(jug, GLASS, alpha=0.6)
    glass = art.clip(jug)
    art.fill(box(300, 470, 360, 420), BREW, alpha=0.95, clip=glass)
    art.fill(box(300, 458, 360, 30), "#b98450", clip=glass)
    art.fill(box(300, 500, 360, 12), STEEL, alpha=0.8, clip=glass)
    art.fill(box(342, 320, 30, 540), "#ffffff", alpha=0.45, blur=9, clip=glass)
    for y in (440, 700, 836):
        art.fill(rounded(300, y, 360, 20, 6), look.accent if y != 700 else STEEL)
    for x in (318, 642):
        art.fill(rounded(x - 12, 320, 24, 556, 6), STEEL)
    art.body(both([(480, 262), (560, 270), (664, 310), (668, 344), (480, 346)], 480), look.accent, angle=0, depth=1.2)
    art.fill([(312, 330), (250, 330), (312, 380)], look.accent)


@subject("moka")
def moka(art: Canvas, look: Look) -> None:
    """Draw a moka pot with its facets."""
    ground(art, 480, 870, 240, 26)
    art.line(smooth([(600, 360), (780, 350), (800, 420), (770, 600)], closed=False), 46, "#25282d")
    upper = [(350, 300), (610, 300), (640, 560), (320, 560)]
    lower = [(360, 590), (600, 590), (680, 860), (280, 860)]
    for shape, ink in ((upper, look.main), (lower, dark(look.main, 0.06))):
        clip = art.body(shape, ink, angle=0, depth=1.3)
        left, right = shape[3], shape[2]
        for t, tone in ((0.0, 0.35), (0.26, -0.35), (0.74, 0.12)):
            x0, x1 = shape[0][0] + (shape[1][0] - shape[0][0]) * t, left[0] + (right[0] - left[0]) * t
            facet = [(x0, shape[0][1]), (x0 + 66, shape[0][1]), (x1 + 100, left[1]), (x1, left[1])]
            art.fill(facet, light(ink, 0.8) if tone < 0 else dark(ink, 0.6), alpha=abs(tone), clip=clip)
    art.body(rounded(316, 552, 328, 46, 12), dark(look.main, 0.2), angle=0)
    art.fill([(352, 300), (270, 330), (340, 400)], dark(look.main, 0.1))
    art.body([(350, 304), (480, 220), (610, 304)], light(look.main, 0.1), angle=0)
    art.body(ellipse(480, 206, 32), look.accent)
    art.body(ellipse(520, 700, 17), "#c9a24a")
    steam(art, 300, 300, 0.6)


@subject("brewer")
def brewer(art: Canvas, look: Look) -> None:
    """Draw a plunger brewer on a mug."""
    ground(art, 500, 876, 210, 24)
    art.line(smooth([(620, 660), (740, 650), (740, 790), (616, 800)], closed=False), 32, light(look.accent, 0.1))
    art.body(rounded(370, 620, 260, 256, 8, 8, 40, 40), look.accent, angle=0, depth=1.2)
    art.body(rounded(330, 580, 340, 40, 18), "#34383f", angle=90)
    tube = rounded(404, 290, 192, 300, 8)
    art.fill(tube, mix(GLASS, look.main, 0.35), alpha=0.8)
    clip = art.clip(tube)
    art.fill(box(404, 430, 192, 170), BREW, alpha=0.9, clip=clip)
    art.fill(box(424, 290, 24, 300), "#ffffff", alpha=0.5, blur=7, clip=clip)
    for index, y in enumerate((350, 410, 470, 530)):
        art.line(ellipse(540, y, 20), 4, look.main)
        art.text(540, y, str(4 - index), 24, light(look.main, 0.8))
    art.body(rounded(360, 270, 280, 30, 12), dark(look.main, 0.3), angle=90)
    art.body(rounded(430, 110, 140, 170, 8), light(look.main, 0.1), angle=0)
    art.body(rounded(400, 90, 200, 34, 16), dark(look.main, 0.3), angle=90)


@subject("scale")
def scale(art: Canvas, look: Look) -> None:
    """Draw a brewing scale with its display."""
    ground(art, 500, 770, 370, 30)
    art.body([(170, 560), (830, 560), (890, 740), (110, 740)], look.main, angle=60)
    art.body(rounded(110, 726, 780, 50, 18), dark(look.main, 0.3), angle=90)
    art.body([(230, 520), (770, 520), (830, 690), (170, 690)], light(look.main, 0.12), angle=30)
    art.fill([(170, 690), (830, 690), (834, 704), (166, 704)], dark(look.main, 0.5))
    art.fill(rounded(330, 736, 240, 32, 6), "#0e1a1c")
    art.text(450, 752, "18.4 g  02:31", 24, "#8ff0d8")
    for x in (640, 720):
        art.fill(ellipse(x, 752, 13), look.accent)
    art.body(both([(500, 300), (620, 304), (616, 520), (590, 596), (500, 604)]), look.accent, angle=0, depth=1.2)
    art.fill(ellipse(500, 304, 120, 26), light(look.accent, 0.5))
    art.fill(ellipse(500, 308, 106, 19), BREW)
    steam(art, 500, 270, 0.7)


@subject("filters")
def filters(art: Canvas, look: Look) -> None:
    """Draw a box of paper filters."""
    ground(art, 500, 850, 330, 28)
    for step in range(4):
        paper = turned([(440 + step * 30, 180), (760 + step * 16, 260), (560 + step * 14, 620)], step * 5 - 8, 560, 560)
        art.shadow(paper, dy=4, blur=8, alpha=0.2)
        art.fill(paper, Linear(("#fffaf0", "#e6dcc4"), 60))
        art.line([paper[0], paper[2]], 4, "#cbbf9f")
    front = art.body([(210, 440), (650, 440), (650, 846), (210, 846)], look.main, angle=30)
    art.body([(650, 440), (790, 390), (790, 780), (650, 846)], dark(look.main, 0.3), angle=0)
    art.fill([(300, 520), (560, 520), (430, 730)], "#f8f1e2", clip=front)
    art.line([(350, 540), (430, 690)], 4, "#cbbf9f")
    ink = "#fbf5e6" if luminance(look.main) < 0.6 else "#2b2320"
    art.text(430, 790, look.title or "100 filters", 44, ink, bold=0.012)
    art.fill(box(210, 462, 440, 14), look.accent, clip=front)
