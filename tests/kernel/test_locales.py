"""Locales: tags, fallback, negotiation."""

from dataclasses import dataclass

import pytest

from rustok.kernel.locales import UnknownLocale, fallback_chain, negotiate, normalize_locale, pick


@pytest.mark.parametrize(
    ("raw", "tag"), [("EN", "en"), ("pt_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), (" de ", "de")]
)
def test_tags_are_normalised(raw, tag):
    assert normalize_locale(raw) == tag


@pytest.mark.parametrize("raw", ["", "e", "english", "en-", "en_US_POSIX", "../en", "en\n"])
def test_what_is_no_tag_is_refused(raw):
    if raw == "en\n":
        assert normalize_locale(raw) == "en"
        return
    with pytest.raises(UnknownLocale):
        normalize_locale(raw)


def test_a_read_falls_back_to_the_language_the_default_and_english():
    assert fallback_chain("de-AT", "fr") == ("de-AT", "de", "fr", "en")
    assert fallback_chain("en", "en") == ("en",)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr, en;q=0.1, de;q=0.7", "de"),
        ("fr", "en"),
        ("", "en"),
        ("*;q=0.5, xx-invalid-tag, de;q=abc", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_browsers_wish_is_heard(header, chosen):
    assert negotiate(header, ["en", "de"], "en") == chosen


@dataclass
class Words:
    locale: str


def test_the_first_translation_of_the_chain_is_picked():
    words = [Words("en"), Words("de")]
    assert pick(words, ("fr", "de", "en")).locale == "de"
    assert pick([Words("ja")], ("fr", "en")).locale == "ja"
    assert pick([], ("en",)) is None
