"""A brand is two colours and a typeface; whatever they are, the words on them stay readable."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.storefront.theme import TYPEFACES, stylesheet, theme_of
from rustok.kernel.colour import contrast, ink_on, readable, to_hex, to_oklch

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def shades(accent, ground=""):
    css = stylesheet(theme_of({"accent": accent, "ground": ground}, name="Acme"))
    return {name: (light, dark) for name, light, dark in PAIR.findall(css)}


@given(colours)
def test_a_colour_survives_the_way_to_oklch_and_back(colour):
    for ours, theirs in zip(bytes.fromhex(to_hex(to_oklch(colour))[1:]), bytes.fromhex(colour[1:]), strict=True):
        assert abs(ours - theirs) <= 1


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@given(colours, st.sampled_from(["#f7f7f7", "#1b1b1b"]))
def test_a_readable_shade_reaches_aa(colour, background):
    assert contrast(readable(colour, on=background), background) >= 4.5


@example("#000000", "#007bbb")
@given(colours, colours)
def test_every_text_of_a_theme_reaches_aa_in_light_and_dark(accent, ground):
    found = shades(accent, ground)
    for text, background in (("on-accent", "accent"), ("on-ground", "ground"), ("on-pop", "pop")):
        for ours, behind in zip(found[text], found[background], strict=True):
            assert contrast(ours, behind) >= 4.5, (text, ours, behind)
    light, dark = found["accent"]
    assert contrast(light, "#f7f7f7") >= 4.5
    assert contrast(dark, "#1b1b1b") >= 4.5


@given(colours)
def test_ink_is_the_better_of_black_and_white(colour):
    assert contrast(ink_on(colour), colour) >= 4.5


@pytest.mark.parametrize("nonsense", [None, 7, "red", "#12345", "#12345g", "url(x)", "}body{display:none"])
def test_a_wrong_colour_falls_back(nonsense):
    assert theme_of({"accent": nonsense}, name="Acme").accent == theme_of({}, name="Acme").accent


def test_a_theme_that_says_nothing_has_the_tenants_name_and_letter():
    theme = theme_of({}, name="globex")
    assert (theme.name, theme.letter, theme.typeface) == ("globex", "G", "plain")


def test_unknown_keys_and_values_are_ignored():
    theme = theme_of({"typeface": "comic", "digest": "x", "corners": "soft", "more": {}}, name="Acme")
    assert theme.typeface in TYPEFACES
    assert theme.corners == "soft"


def test_the_digest_changes_with_the_brand():
    assert theme_of({"accent": "#112233"}, name="A").digest != theme_of({"accent": "#112234"}, name="A").digest


def test_two_brands_share_no_colour():
    acme, globex = shades("#e8590c", "#12372f"), shades("#2a43b8", "#f6c94d")
    assert acme["accent"] != globex["accent"]
    assert acme["ground"] != globex["ground"]
