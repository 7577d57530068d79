"""One page, one address in each language."""

import re

import pytest
from django.test import Client

from tests.content.factories import make_post


def head(answer):
    return answer.content.decode().partition("</head>")[0]


def test_the_default_locale_has_no_prefix_and_the_other_one_does(reader, jacket):
    english, german = reader.get("/products/jacket/"), reader.get("/de/products/jacket/")
    assert '<html lang="en"' in head(english)
    assert '<html lang="de"' in head(german)
    assert "Jacket (de)" in german.content.decode()
    assert "In den Warenkorb" in german.content.decode()
    assert (english["Content-Language"], german["Content-Language"]) == ("en", "de")


@pytest.mark.parametrize("path", ["/en/", "/fr/", "/ru/products/jacket/", "/de/de/", "/DE/"])
def test_other_prefixes_lead_nowhere(reader, jacket, path):
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/products/jacket/", "/de/products/jacket/"])
def test_every_language_names_itself_and_the_other(reader, jacket, path):
    found = head(reader.get(path))
    assert f'<link rel="canonical" href="http://acme.localhost{path}">' in found
    alternates = dict(re.findall(r'hreflang="([a-zA-Z-]+)" href="([^"]+)"', found))
    assert alternates == {
        "en": "http://acme.localhost/products/jacket/",
        "de": "http://acme.localhost/de/products/jacket/",
        "x-default": "http://acme.localhost/products/jacket/",
    }


def test_a_filter_is_no_page_of_its_own(reader, jacket):
    assert 'href="http://acme.localhost/categories/clothing/"' in head(reader.get("/categories/clothing/?sort=price"))


def test_a_post_is_called_otherwise_in_another_language(reader, acme):
    words = {"en": {"title": "Rain", "body": "Wet."}, "de": {"title": "Regen", "body": "Nass."}}
    make_post(translations=words)
    found = head(reader.get("/blog/rain/"))
    assert "http://acme.localhost/de/blog/regen/" in found
    assert "Nass." in reader.get("/de/blog/regen/").content.decode()


def test_words_of_another_language_are_marked(reader, acme):
    make_post(translations={"en": {"title": "Only English", "body": "Sorry."}})
    assert '<article lang="en">' in reader.get("/de/blog/only-english/").content.decode()


def test_an_unknown_address_is_answered_in_its_language(reader):
    assert "Unter dieser Adresse ist nichts" in reader.get("/de/gibt-es-nicht/").content.decode()


def test_a_files_name_that_leads_nowhere_is_answered_by_the_shop_too(reader):
    answer = reader.get("/nothing.txt")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_the_brand_has_its_own_stylesheet(reader):
    answer = reader.get("/theme.css")
    assert answer["Content-Type"].startswith("text/css")
    assert "--accent: light-dark(" in answer.content.decode()
    assert "immutable" in answer["Cache-Control"]


def test_nothing_stands_in_the_page_that_a_strict_policy_would_refuse(reader, jacket):
    for path in ("/", "/products/jacket/", "/cart/", "/account/login/"):
        html = reader.get(path).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
        assert not re.search(r"<script(?![^>]*(src=|application/ld\+json))", html)


def test_the_platform_sells_nothing(db):
    operator = Client(HTTP_HOST="localhost")
    assert operator.get("/").url == "/admin/"
    assert operator.get("/cart/").status_code == 404
