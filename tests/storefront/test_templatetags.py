"""What templates write: money, dates, pictures, structured data."""

import pytest
from django.utils import translation

from apps.storefront.templatetags.storefront import (
    country,
    day,
    json_ld,
    language,
    money,
    percent_off,
    picture,
    rich,
)
from rustok.kernel.money import Money


@pytest.mark.parametrize(
    ("locale", "text"), [("en", "€1,234.50"), ("de", "1.234,50\xa0€"), ("ru", "1\xa0234,50\xa0€"), ("xx", "€1,234.50")]
)
def test_money_reads_as_its_readers_write_it(locale, text):
    with translation.override(locale):
        assert money({"amount": "1234.50", "currency": "EUR"}) == text


def test_money_without_minor_units_shows_none():
    assert money(Money(1200, "JPY")) == "¥1,200"


def test_no_money_is_no_text():
    assert money(None) == ""


def test_dates_are_in_words():
    with translation.override("de"):
        assert day("2026-11-03T08:00:00Z") == "3. November 2026"


def test_languages_are_named_in_themselves():
    assert [language(tag) for tag in ("de", "ru", "nonsense")] == ["Deutsch", "Русский", "Nonsense"]


def test_countries_are_named_in_the_readers_language():
    with translation.override("ru"):
        assert country("DE") == "Германия"
    assert country("ZQ") == "ZQ"


def test_rich_text_cannot_bring_a_script():
    assert "script" not in rich('<p>Hello<script>alert(1)</script><img src=x onerror="alert(1)"></p>')
    assert rich("one\n\ntwo & three") == "<p>one</p>\n\n<p>two &amp; three</p>"


def test_structured_data_cannot_end_its_own_element():
    assert "</script><script>" not in json_ld({"name": "</script><script>alert(1)</script>"})


def test_a_picture_has_its_renditions_and_its_size():
    image = {
        "url": "/media/a.webp",
        "alt": 'a "tent"',
        "width": 800,
        "height": 600,
        "srcset": "/media/a-320.webp 320w, /media/a-640.webp 640w",
    }
    html = picture(image, sizes="20rem")
    assert 'srcset="/media/a-320.webp 320w, /media/a-640.webp 640w"' in html
    assert 'width="800" height="600"' in html
    assert 'alt="a &quot;tent&quot;"' in html
    assert 'loading="lazy"' in html
    assert "lazy" not in picture(image, eager=True)


@pytest.mark.parametrize(
    ("was", "now", "percent"), [("100", "80", 20), ("30", "20", 33), ("20", "20", 0), (None, "5", 0)]
)
def test_a_reduction_never_boasts(was, now, percent):
    price = {"amount": now, "currency": "EUR"}
    product = {"compare_at": was and {"amount": was, "currency": "EUR"}, "price_range": {"min": price, "max": price}}
    assert percent_off(product) == percent
