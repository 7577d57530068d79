"""Wide pictures for heroes and articles, and the shops' marks."""

from __future__ import annotations

import random
from collections.abc import Callable

from rustok.demo.art import backdrop
from rustok.demo.art.canvas import Canvas
from rustok.demo.art.colour import Ink, Linear, dark, light, mix
from rustok.demo.art.geometry import box, curve, ellipse, hill, leaf, rounded, smooth
from rustok.demo.art.look import SUBJECTS, Look

Composer = Callable[[Canvas, Look, str], None]


def prop(
    art: Canvas,
    look: Look,
    name: str,
    x: float,
    y: float,
    scale: float,
    main: Ink,
    accent: Ink,
    style: str = "",
    title: str = "",
) -> None:
    """Stand a product in a scene: (x, y) is where the middle of its foot goes."""
    with art.at(x - 500 * scale, y - 850 * scale, scale):
        SUBJECTS[name](art, Look(main, accent, style, title, "", random.Random(look.dice.random())))


def _front(art: Canvas, look: Look, mood: str, top: float = 850) -> None:
    meadow = light(backdrop.layers(mood)[3], 0.1)
    art.fill(hill(look.dice, art.right, top, 40, 1000, 4), Linear((light(meadow, 0.1), dark(meadow, 0.35)), 90))
    for _ in range(60):
        x, y = look.dice.uniform(0, art.right), look.dice.uniform(top + 20, 1000)
        art.line(
            [(x, y), (x + look.dice.uniform(-8, 8), y - look.dice.uniform(12, 30))], 4, light(meadow, 0.3), alpha=0.5
        )


def camp(art: Canvas, look: Look, mood: str) -> None:
    """A tent, a lantern and a fire by the hills."""
    backdrop.landscape(art, look.dice, mood, horizon=500, sun=0.3)
    backdrop.trees(art, look.dice, 800, dark(backdrop.layers(mood)[3], 0.3), count=9, height=260, left=art.right * 0.78)
    _front(art, look, mood)
    prop(art, look, "tent", art.right * 0.62, 900, 0.62, look.main, look.accent, look.style)
    prop(art, look, "lantern", art.right * 0.42, 930, 0.17, "#3f4a52", "#e2a04a")
    prop(art, look, "backpack", art.right * 0.82, 935, 0.3, look.accent, look.main)


def trail(art: Canvas, look: Look, mood: str) -> None:
    """A path into the mountains, boots and poles in front."""
    backdrop.landscape(art, look.dice, mood, horizon=470, sun=0.72)
    _front(art, look, mood, 800)
    far, near = art.right * 0.55, art.right * 0.4
    path = [
        *curve((near - 160, 1000), (near + 100, 900), (far - 220, 840), (far, 700)),
        *curve((far + 14, 700), (far - 120, 850), (near + 330, 900), (near + 170, 1000)),
    ]
    art.fill(path, light("#cdb28a", 0.2), alpha=0.9)
    backdrop.trees(
        art, look.dice, 860, dark(backdrop.layers(mood)[3], 0.3), count=6, height=300, left=-20, right=art.right * 0.2
    )
    prop(art, look, "backpack", art.right * 0.8, 945, 0.5, look.main, look.accent, "trek")
    prop(art, look, "boot", art.right * 0.64, 965, 0.26, "#7a5236", look.accent)


def view(art: Canvas, look: Look, mood: str) -> None:
    """Nothing but the land."""
    backdrop.landscape(art, look.dice, mood, horizon=520, sun=look.dice.choice((0.25, 0.7)))
    ink = dark(backdrop.layers(mood)[4], 0.2)
    backdrop.trees(art, look.dice, 1010, ink, count=9, height=430, left=-60, right=art.right * 0.22)
    backdrop.trees(art, look.dice, 1010, ink, count=9, height=380, left=art.right * 0.82, right=art.right + 60)


def kit(art: Canvas, look: Look, mood: str) -> None:
    """Gear laid out on boards."""
    wall = light(look.main, 0.7)
    art.fill(box(0, 0, art.right, 1000), Linear((light(wall, 0.4), wall), 60))
    art.fill(ellipse(art.right * 0.62, 420, 420), light(wall, 0.6), alpha=0.6)
    backdrop.table(art, 760)
    for name, part, scale, main, accent, style in (
        ("backpack", 0.34, 0.62, look.main, look.accent, "roll"),
        ("bottle", 0.49, 0.42, look.accent, "#3f4a52", ""),
        ("boot", 0.62, 0.4, "#7a5236", look.accent, ""),
        ("lantern", 0.76, 0.42, mix(look.main, "#2b3540", 0.5), look.accent, ""),
        ("mug", 0.865, 0.22, look.main, "#f4efe2", ""),
    ):
        prop(art, look, name, art.right * part, 900, scale, main, accent, style)


def _room(art: Canvas, look: Look, mood: str) -> None:
    wall = {
        "dawn": "#e6d0b4",
        "day": "#d6dfdc",
        "dusk": "#b98b7c",
        "night": "#38405c",
        "autumn": "#dcb98d",
        "snow": "#d3dde6",
    }.get(mood, "#dccdbb")
    art.fill(box(0, 0, art.right, 1000), Linear((light(wall, 0.3), wall), 30))
    left, wide = art.right * 0.06, art.right * 0.34
    pane = Canvas(300, 300)
    backdrop.landscape(pane, look.dice, mood if mood in backdrop.SCENES else "day", horizon=560)
    art.fill(rounded(left - 24, 76, wide + 48, 548, 10), light("#8a5f40", 0.7))
    size = (round(wide * art.place.scale), round(500 * art.place.scale))
    art.image.paste(pane.image.resize(size), (round(left * art.place.scale), round(100 * art.place.scale)))
    for x in (left + wide / 3, left + wide * 2 / 3):
        art.fill(box(x - 6, 100, 12, 500), light("#8a5f40", 0.7))
    art.fill(box(left, 340, wide, 12), light("#8a5f40", 0.7))
    if look.style == "rain":
        for _ in range(90):
            x, y = look.dice.uniform(left, left + wide), look.dice.uniform(105, 560)
            art.line([(x, y), (x - 5, y + look.dice.uniform(12, 40))], 3, "#ffffff", alpha=0.5)
    art.fill(
        [(left + 200, 620), (left + wide + 40, 620), (art.right * 0.75, 1000), (art.right * 0.4, 1000)],
        "#fff3d2",
        alpha=0.18,
        blur=20,
    )
    backdrop.table(art, 770)


def _plant(art: Canvas, x: float, y: float, scale: float) -> None:
    for turn, size in ((-160, 190), (-130, 250), (-104, 280), (-80, 270), (-54, 250), (-24, 190)):
        art.fill(leaf(x, y - 120 * scale, size * scale, 40 * scale, turn), Linear(("#3f7a55", "#2a5a40"), 30))
    art.body(
        [
            (x - 80 * scale, y - 130 * scale),
            (x + 80 * scale, y - 130 * scale),
            (x + 58 * scale, y),
            (x - 58 * scale, y),
        ],
        "#c2714c",
    )


def cafe(art: Canvas, look: Look, mood: str) -> None:
    """A café table by the window."""
    _room(art, look, mood)
    prop(art, look, "kettle", art.right * 0.81, 890, 0.46, "#30353c", "#c9a24a", "wood")
    prop(art, look, "dripper", art.right * 0.63, 900, 0.56, "#f4efe6", look.accent)
    prop(art, look, "cup", art.right * 0.475, 930, 0.34, look.main, light(look.accent, 0.4))
    _plant(art, art.right * 0.36, 800, 0.55)


def reading(art: Canvas, look: Look, mood: str) -> None:
    """Books, a cup and a lamp."""
    _room(art, look, mood)
    lamp = art.right * 0.83
    art.fill(ellipse(lamp - 60, 520, 360), "#ffe2a0", alpha=0.35, blur=80)
    art.line([(lamp, 880), (lamp, 420)], 15, "#34383f")
    art.body(rounded(lamp - 80, 866, 160, 26, 12), "#34383f")
    art.body([(lamp - 80, 280), (lamp + 80, 280), (lamp + 130, 440), (lamp - 130, 440)], look.accent, angle=0)
    prop(art, look, "book-stack", art.right * 0.64, 900, 0.58, look.main, look.accent)
    prop(art, look, "cup", art.right * 0.475, 930, 0.36, light(look.main, 0.75), look.accent)
    _plant(art, art.right * 0.36, 800, 0.5)


def counter(art: Canvas, look: Look, mood: str) -> None:
    """A roaster's counter with bags."""
    del mood
    wall = mix(look.main, "#2b2320", 0.25)
    art.fill(box(0, 0, art.right, 1000), Linear((light(wall, 0.12), dark(wall, 0.2)), 90))
    for row in range(8):
        for column in range(15):
            x = column * 130 - (row % 2) * 65
            art.fill(rounded(x + 3, row * 96 + 3, 124, 90, 6), light(wall, 0.1 + look.dice.random() * 0.06), alpha=0.8)
    backdrop.table(art, 760, "#b07d50")
    art.fill(ellipse(art.right * 0.66, 300, 420), "#ffdf9e", alpha=0.25, blur=90)
    for part, main, style, title in (
        (0.36, look.main, "leaf", "El Mirador"),
        (0.5, look.accent, "hills", "Yirgacheffe"),
        (0.64, "#22384a", "moon", "Midnight"),
    ):
        prop(art, look, "coffee-bag", art.right * part, 900, 0.52, light(main, 0.08), "#e8c98a", style, title)
    prop(art, look, "grinder", art.right * 0.755, 900, 0.54, "#3a4148", "#c9a24a")
    prop(art, look, "beans", art.right * 0.86, 940, 0.26, "#e8dcc6", look.accent)


def shelf(art: Canvas, look: Look, mood: str) -> None:
    """Shelves full of spines."""
    del mood
    art.fill(box(0, 0, art.right, 1000), Linear(("#5a3d2a", "#3c281c"), 90))
    inks = [
        look.main,
        look.accent,
        "#2f5d50",
        "#b5443a",
        "#22384a",
        "#e8d9b8",
        "#5a3a6e",
        "#d98f3e",
        "#7fa7a3",
        "#8c4a3c",
        "#f0e4d0",
    ]
    for floor in (330, 650, 970):
        art.fill(box(0, floor - 300, art.right, 300), Linear(("#2c1c14", "#49311f"), 90))
        x = 20.0
        while x < art.right - 20:
            wide, tall = look.dice.uniform(34, 78), look.dice.uniform(190, 268)
            ink = look.dice.choice(inks)
            if x > 300 and look.dice.random() < 0.03:
                _plant(art, x + 90, floor, 0.55)
                x += 190
                continue
            spine = rounded(x, floor - tall, wide, tall, 5)
            art.fill(spine, Linear((light(ink, 0.18), ink, dark(ink, 0.32)), 0))
            band = look.dice.choice((0.14, 0.2, 0.75))
            for shift in (0, 12):
                art.fill(box(x + 4, floor - tall + tall * band + shift, wide - 8, 4), light(ink, 0.65), alpha=0.8)
            if wide > 56:
                art.fill(rounded(x + 10, floor - tall * 0.62, wide - 20, 54, 4), light(ink, 0.75), alpha=0.75)
            x += wide + look.dice.choice((2, 2, 2, 16))
        art.fill(box(0, floor, art.right, 26), Linear(("#a87448", "#6d4729"), 90))
        art.fill(box(0, floor + 26, art.right, 22), "#0d0705", alpha=0.4, blur=10)


def farm(art: Canvas, look: Look, mood: str) -> None:
    """Coffee terraces under mountains."""
    backdrop.landscape(art, look.dice, mood, horizon=430, sun=0.7)
    for row in range(7):
        y = 640 + row * 56
        ground_ink = mix("#4f7d4a", "#2a5a3c", row / 6)
        art.fill(hill(look.dice, art.right, y, 18, 1000, 3), ground_ink)
        x = look.dice.uniform(-40, 0)
        while x < art.right:
            size = 16 + row * 5
            art.fill(
                smooth([(x - size, y + 26), (x, y - size + 10), (x + size, y + 26), (x, y + 34)], steps=4),
                dark(ground_ink, 0.25),
            )
            if look.dice.random() < 0.5:
                art.fill(ellipse(x + look.dice.uniform(-size, size) * 0.4, y + 14, 2.5 + row * 0.6), "#d2452f")
            x += size * 2.3
    prop(
        art,
        look,
        "coffee-bag",
        art.right * 0.8,
        960,
        0.55,
        look.main,
        look.accent,
        "leaf",
        look.title or "Single|origin",
    )


TILE = rounded(30, 30, 940, 940, 220)

COMPOSERS: dict[str, Composer] = {
    "camp": camp,
    "trail": trail,
    "view": view,
    "kit": kit,
    "cafe": cafe,
    "reading": reading,
    "counter": counter,
    "shelf": shelf,
    "farm": farm,
}


def mark(art: Canvas, look: Look) -> None:
    """Draw a shop's mark: mountains for one, an open book with a cup for the other."""
    art.fill(TILE, Linear((light(look.main, 0.14), dark(look.main, 0.2)), 60))
    tile = art.clip(TILE)
    if look.style == "mountain":
        art.fill(ellipse(650, 350, 110), look.accent)
        art.fill([(60, 1000), (420, 300), (760, 1000)], "#f6f1e4", clip=tile)
        art.fill([(420, 300), (330, 476), (400, 450), (440, 500), (506, 470)], look.main, alpha=0.35, clip=tile)
        art.fill([(480, 1000), (710, 540), (980, 1000)], mix("#f6f1e4", look.main, 0.3), clip=tile)
        return
    for side in (-1, 1):
        page = [
            (500, 470),
            *curve((500, 470), (500 + side * 120, 390), (500 + side * 260, 400), (500 + side * 340, 430)),
            (500 + side * 340, 790),
            *curve((500 + side * 340, 790), (500 + side * 260, 750), (500 + side * 120, 750), (500, 830)),
        ]
        art.fill(page, "#f6f1e4" if side < 0 else mix("#f6f1e4", look.main, 0.14), clip=tile)
    art.line([(500, 470), (500, 826)], 12, look.main)
    for dx, lean in ((-90, 1), (0, -1), (90, 1)):
        wisp = curve((500 + dx, 380), (500 + dx + 60 * lean, 320), (500 + dx - 60 * lean, 240), (500 + dx, 170))
        art.line(wisp, 30, look.accent)
