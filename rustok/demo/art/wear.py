"""Clothing."""

from __future__ import annotations

from rustok.demo.art.camp import ground
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import dark, light, mix
from rustok.demo.art.geometry import Points, both, curve, ellipse, mirrored, moved, rounded, smooth, turned
from rustok.demo.art.look import Look, subject


@subject("jacket")
def jacket(art: Canvas, look: Look) -> None:
    """Draw a jacket with a hood; style `down` is quilted, `vest` has no sleeves, `fleece` has a collar."""
    ground(art, 500, 872, 240, 18, 0.2)
    torso = both([(500, 250), (585, 232), (676, 286), (690, 420), (684, 640), (694, 850), (500, 862)])
    if look.style != "vest":
        for side in (False, True):
            _sleeve(art, look, flip=side)
    else:
        for side in (False, True):
            hole = smooth([(676, 290), (712, 330), (716, 420), (690, 500), (668, 420)])
            art.body(mirrored(hole) if side else hole, dark(look.main, 0.5))
    art.shadow(torso, dy=12, blur=18, alpha=0.25)
    shell = art.body(torso, look.main, angle=35)
    if look.style in ("down", "vest"):
        for y in range(330, 840, 66):
            seam = curve((290, y), (420, y + 16), (580, y + 16), (710, y))
            art.line(seam, 8, dark(look.main, 0.45), alpha=0.55, blur=2, clip=shell)
            art.line(moved(seam, 0, 12), 12, light(look.main, 0.6), alpha=0.32, blur=5, clip=shell)
    else:
        yoke = [
            (280, 240),
            (720, 240),
            (720, 380),
            *curve((720, 380), (620, 430), (560, 440), (500, 440)),
            *curve((500, 440), (440, 440), (380, 430), (280, 380)),
        ]
        art.fill(
            yoke,
            mix(look.main, look.accent, 0.75) if look.style == "fleece" else dark(look.main, 0.3),
            alpha=0.9 if look.style == "fleece" else 0.45,
            clip=shell,
        )
        for x in (372, 628):
            pocket = [(x, 600), (x + (26 if x > 500 else -26), 748)]
            art.line(moved(pocket, 3, 3), 10, dark(look.main, 0.5), alpha=0.5, blur=3, clip=shell)
            art.line(pocket, 8, look.accent, clip=shell)
    art.line([(500, 340), (500, 858)], 16, dark(look.main, 0.5), alpha=0.5, blur=4, clip=shell)
    art.line([(500, 330), (500, 858)], 8, look.accent)
    art.fill(rounded(493, 352, 14, 44, 7), light(look.accent, 0.5))
    _hood(art, look)
    art.line(curve((306, 836), (440, 852), (560, 852), (694, 836)), 6, dark(look.main, 0.4), alpha=0.6, clip=shell)
    art.fill(rounded(574, 470, 70, 34, 6), look.accent)
    art.fill([(590, 496), (609, 476), (628, 496)], light(look.accent, 0.85))


def _sleeve(art: Canvas, look: Look, *, flip: bool) -> None:
    outline = smooth(
        [
            (650, 270),
            (712, 300),
            (752, 400),
            (782, 560),
            (800, 740),
            (788, 790),
            (716, 796),
            (706, 750),
            (690, 600),
            (664, 440),
        ],
        steps=6,
    )
    sleeve = mirrored(outline) if flip else outline
    art.shadow(sleeve, dy=10, blur=14, alpha=0.22)
    shell = art.body(sleeve, dark(look.main, 0.05), angle=35)
    if look.style == "down":
        for y in range(350, 760, 60):
            seam = curve((630, y + 10), (700, y + 22), (740, y + 16), (820, y - 10))
            seam = mirrored(seam) if flip else seam
            art.line(seam, 7, dark(look.main, 0.45), alpha=0.55, blur=2, clip=shell)
            art.line(moved(seam, 0, 11), 10, light(look.main, 0.6), alpha=0.3, blur=5, clip=shell)
    cuff = [(690, 752), (830, 744), (830, 830), (690, 830)]
    art.fill(mirrored(cuff) if flip else cuff, look.accent, alpha=0.95, clip=shell)


def _hood(art: Canvas, look: Look) -> None:
    if look.style in ("fleece", "vest"):
        collar = both([(500, 222), (560, 196), (596, 204), (604, 280), (560, 332), (500, 342)])
        art.shadow(collar, dy=8, blur=8)
        art.body(collar, look.accent if look.style == "fleece" else dark(look.main, 0.1))
        art.body(both([(500, 216), (548, 202), (560, 216), (540, 262), (500, 300)]), dark(look.main, 0.55))
        return
    hood = smooth(both([(500, 108), (580, 124), (628, 196), (628, 286), (590, 336), (500, 352)]), steps=7)
    art.shadow(hood, dy=8, blur=10)
    art.body(hood, look.main, angle=40)
    art.line(curve((500, 110), (506, 140), (506, 160), (500, 176)), 5, dark(look.main, 0.4), alpha=0.6)
    hole = smooth(both([(500, 168), (556, 184), (586, 240), (566, 304), (500, 336)]), steps=7)
    art.body(hole, dark(look.main, 0.62))
    art.fill(smooth(both([(500, 262), (552, 268), (566, 304), (530, 330), (500, 336)])), look.accent, alpha=0.85)
    art.line([*hole, hole[0]], 6, light(look.main, 0.3), alpha=0.7)


@subject("shirt")
def shirt(art: Canvas, look: Look) -> None:
    """Draw a T-shirt with a mountain print, or a long-sleeved base layer."""
    long = look.style == "long"
    for flip in (False, True):
        sleeve = (
            [(650, 232), (742, 300), (800, 520), (822, 760), (752, 772), (716, 560), (676, 420)]
            if long
            else [(640, 228), (748, 290), (838, 460), (736, 520), (676, 420)]
        )
        arm = mirrored(sleeve) if flip else sleeve
        art.shadow(arm, dy=10, blur=14, alpha=0.2)
        shell = art.body(smooth(arm, steps=3) if long else arm, dark(look.main, 0.04))
        if long:
            cuff = [(700, 716), (850, 700), (850, 820), (700, 820)]
            art.fill(mirrored(cuff) if flip else cuff, look.accent, clip=shell)
    torso = both([(500, 262), (560, 244), (592, 214), (668, 238), (690, 420), (686, 852), (500, 864)])
    art.shadow(torso, dy=12, blur=18, alpha=0.25)
    shell = art.body(torso, look.main, angle=35)
    for fold in (
        curve((350, 470), (400, 560), (400, 700), (380, 850)),
        curve((650, 470), (610, 560), (606, 700), (630, 850)),
    ):
        art.line(fold, 16, dark(look.main, 0.4), alpha=0.28, blur=9, clip=shell)
    art.line(
        curve((408, 216), (440, 300), (560, 300), (592, 216)),
        20,
        look.accent if long else dark(look.main, 0.25),
        clip=shell,
    )
    if long:
        for y in (380, 400):
            art.line([(300, y), (700, y)], 5, look.accent, clip=shell)
        return
    badge = art.clip(ellipse(500, 500, 112))
    art.fill(ellipse(500, 500, 112), look.accent)
    art.fill(ellipse(540, 462, 30), light(look.accent, 0.7))
    art.fill([(380, 620), (452, 470), (500, 540), (548, 488), (640, 620)], dark(look.main, 0.4), clip=badge)
    art.fill([(452, 470), (424, 530), (450, 518), (462, 534), (480, 512)], light(look.main, 0.8), clip=badge)


@subject("trousers")
def trousers(art: Canvas, look: Look) -> None:
    """Draw walking trousers, or shorts."""
    if look.style == "shorts":
        with art.at(-115, 110, 1.23):
            _trousers(art, look)
    else:
        ground(art, 500, 886, 200, 14, 0.18)
        _trousers(art, look)


def _trousers(art: Canvas, look: Look) -> None:
    bottom = 560 if look.style == "shorts" else 876
    flare = 100 if look.style == "shorts" else 54
    half: Points = [
        (500, 150),
        (640, 142),
        (668, 260),
        (690, 420),
        (540 + flare + 76, bottom),
        (540, bottom + 6),
        (500, 420),
    ]
    outline = both(half)
    art.shadow(outline, dy=12, blur=18, alpha=0.24)
    shell = art.body(outline, look.main, angle=30)
    art.fill([(500, 400), (470, bottom + 20), (530, bottom + 20)], dark(look.main, 0.5), alpha=0.4, blur=16, clip=shell)
    art.fill([(300, 130), (700, 130), (700, 196), (300, 196)], dark(look.main, 0.25), alpha=0.7, clip=shell)
    for x in (400, 500, 600):
        art.fill(rounded(x - 9, 140, 18, 64, 4), dark(look.main, 0.45))
    art.fill(rounded(456, 156, 88, 30, 8), look.accent)
    art.line([(500, 200), (500, 420)], 4, dark(look.main, 0.5), alpha=0.7)
    for flip in (False, True):
        pocket = curve((556, 200), (580, 260), (620, 280), (674, 284))
        art.line(mirrored(pocket) if flip else pocket, 6, dark(look.main, 0.5), alpha=0.7, clip=shell)
        cargo = rounded(600, 400, 74, 96, 8)
        cargo = mirrored(cargo) if flip else cargo
        if bottom > 600:
            art.shadow(cargo, dy=5, blur=6, alpha=0.2)
            art.body(cargo, dark(look.main, 0.1), inside=shell)
            crease = curve((610, 560), (600, 650), (606, 760), (600, 870))
            art.line(mirrored(crease) if flip else crease, 12, light(look.main, 0.5), alpha=0.25, blur=7, clip=shell)
    art.line([(628, 412), (660, 412)], 7, look.accent)


@subject("beanie")
def beanie(art: Canvas, look: Look) -> None:
    """Draw a knitted hat with a turn-up."""
    ground(art, 500, 786, 280, 24)
    if look.style == "bobble":
        for step in range(26):
            puff = turned([(500, 236), (500 + 14, 150), (500 - 14, 150)], step * 13.8, 500, 232)
            art.fill(puff, mix(look.accent, dark(look.accent), step % 3 * 0.18))
        art.body(ellipse(500, 232, 70), look.accent)
    crown = both([(500, 270), (590, 280), (690, 360), (742, 500), (748, 640), (500, 660)])
    shell = art.body(smooth(crown, steps=6), look.main, angle=30)
    for index in range(-9, 10):
        x = 500 + index * 27
        rib = curve((500 + index * 8, 272), (500 + index * 22, 380), (x, 520), (x, 660))
        art.line(rib, 7, dark(look.main, 0.4), alpha=0.42, blur=2, clip=shell)
        art.line(moved(rib, 9, 0), 5, light(look.main, 0.6), alpha=0.28, blur=2, clip=shell)
    for y in (470, 510):
        art.line(
            curve((240, y + 14), (400, y - 6), (600, y - 6), (760, y + 14)), 15, look.accent, alpha=0.85, clip=shell
        )
    brim = rounded(238, 600, 524, 176, 44)
    art.shadow(brim, dy=8, blur=14)
    edge = art.body(brim, dark(look.main, 0.07), angle=20)
    for index in range(20):
        x = 252 + index * 27
        art.line([(x, 600), (x, 780)], 8, dark(look.main, 0.45), alpha=0.5, blur=2, clip=edge)
        art.line([(x + 11, 600), (x + 11, 780)], 5, light(look.main, 0.6), alpha=0.3, blur=2, clip=edge)
    art.fill(rounded(600, 652, 84, 62, 8), look.accent)
    art.fill([(618, 698), (642, 664), (666, 698)], light(look.accent, 0.85))


@subject("cap")
def cap(art: Canvas, look: Look) -> None:
    """Draw a cap with a curved peak."""
    ground(art, 520, 712, 350, 26)
    crown = [
        (230, 660),
        *curve((230, 660), (220, 420), (340, 300), (500, 300)),
        *curve((500, 300), (660, 300), (740, 420), (744, 640)),
        *curve((744, 640), (600, 700), (380, 700), (230, 660)),
    ]
    shell = art.body(crown, look.main, angle=40)
    front = [*curve((500, 300), (430, 400), (420, 560), (440, 700)), (800, 700), (800, 280)]
    art.fill(front, light(look.main, 0.5), alpha=0.22, clip=shell)
    for seam in (
        curve((500, 300), (430, 400), (420, 560), (440, 700)),
        curve((500, 300), (600, 380), (650, 520), (660, 680)),
    ):
        art.line(seam, 4, dark(look.main, 0.5), alpha=0.6, clip=shell)
        art.line(moved(seam, 9, 0), 2, light(look.main, 0.4), alpha=0.5, clip=shell)
    peak = [
        (440, 660),
        *curve((440, 660), (600, 590), (720, 590), (760, 620)),
        *curve((760, 620), (880, 640), (930, 700), (908, 722)),
        *curve((908, 722), (780, 690), (560, 700), (440, 660)),
    ]
    art.shadow(peak, dy=16, blur=14)
    visor = art.body(peak, dark(look.main, 0.16), angle=60)
    for step in (10, 20):
        art.line(
            curve((460, 654 - step * 0.2), (620, 600 + step), (780, 610 + step), (912, 706 - step)),
            2,
            light(look.main, 0.4),
            alpha=0.45,
            clip=visor,
        )
    art.fill(ellipse(500, 298, 18, 11), look.accent)
    for x in (330, 366):
        art.fill(ellipse(x, 440, 9), dark(look.main, 0.6))
    art.fill(turned(rounded(505, 440, 120, 104, 18), 3, 560, 490), look.accent)
    art.fill(
        turned([(522, 524), (560, 462), (578, 492), (590, 476), (612, 524)], 3, 560, 490), light(look.accent, 0.85)
    )


@subject("gloves")
def gloves(art: Canvas, look: Look) -> None:
    """Draw a pair of gloves."""
    for flip, turn in ((True, -8), (False, 9)):
        fingers = [
            (560, 860),
            (552, 640),
            (548, 440),
            (556, 300),
            (590, 290),
            (604, 320),
            (610, 440),
            (618, 260),
            (636, 226),
            (664, 236),
            (672, 300),
            (670, 440),
            (692, 268),
            (714, 242),
            (740, 258),
            (742, 330),
            (730, 450),
            (762, 340),
            (784, 326),
            (804, 346),
            (798, 420),
            (770, 560),
            (752, 680),
            (760, 860),
        ]
        thumb = [(560, 700), (520, 620), (488, 540), (500, 506), (532, 514), (572, 590), (600, 660)]
        hand = turned(mirrored(smooth(fingers, steps=4)) if flip else smooth(fingers, steps=4), turn, 500, 900)
        side = turned(mirrored(smooth(thumb, steps=5)) if flip else smooth(thumb, steps=5), turn, 500, 900)
        art.shadow(hand, dx=10, dy=18, blur=18, alpha=0.3)
        art.body(side, dark(look.main, 0.12))
        shell = art.body(hand, look.main, angle=20)
        grip = smooth([(590, 520), (700, 500), (730, 560), (700, 640), (600, 640), (574, 580)])
        art.fill(turned(mirrored(grip) if flip else grip, turn, 500, 900), look.accent, alpha=0.9, clip=shell)
        cuff = [(500, 740), (820, 740), (820, 920), (500, 920)]
        art.fill(
            turned(mirrored(cuff) if flip else cuff, turn, 500, 900), dark(look.main, 0.35), alpha=0.85, clip=shell
        )
        strap = [(500, 716), (820, 716), (820, 748), (500, 748)]
        art.fill(turned(mirrored(strap) if flip else strap, turn, 500, 900), look.accent, clip=shell)
