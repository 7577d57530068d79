"""A refusal speaks the reader's language; its code is the same in all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.utils import translation

from rustok.kernel.errors import Conflict, NotFound
from tests.admin.conftest import Browser, words

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


def test_a_title_is_said_in_the_language_of_whoever_asks():
    with translation.override("de"):
        assert (NotFound.title(), NotFound().detail) == ("So etwas gibt es hier nicht.",) * 2
    with translation.override("ru"):
        assert NotFound.title() == "Здесь такого нет."
    with translation.override("en"):
        assert NotFound.title() == "There is no such thing here."


def test_a_percent_sign_and_a_class_without_a_docstring_do_no_harm():
    class Nameless(Conflict):
        pass

    class Half(Conflict):
        """Only 50 % of it, or %(all)s."""

    with translation.override("de"):
        assert (Nameless.title(), Half.title()) == ("Nameless", "Only 50 % of it, or %(all)s.")


def test_without_django_a_refusal_is_english():
    said = "from rustok.kernel.errors import NotFound; print(NotFound())"
    clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "DJANGO_SETTINGS_MODULE": ""}
    done = subprocess.run([sys.executable, "-c", said], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout == "There is no such thing here.\n"


def test_rest_says_a_refusal_in_german(api):
    sent = {"email": "nobody@example.com", "password": "wrong-password"}
    answers = [api().post("/api/v1/auth/login/", sent, **way) for way in (GERMAN, {})]
    assert [answer.json()["title"] for answer in answers] == [
        "Die E-Mail-Adresse oder das Passwort ist falsch.", "The e-mail address or the password is wrong.",
    ]  # fmt: skip
    assert len({(answer.status_code, answer.json()["code"]) for answer in answers}) == 1
    assert "Accept-Language" in answers[0]["Vary"]


def test_graphql_says_a_refusal_in_german(api):
    query = 'mutation { login(input: {email: "nobody@example.com", password: "wrong"}) { errors { code message } } }'
    sent = {"query": query}
    german, english = (
        api().post("/api/graphql/", sent, content_type="application/json", **way).content.decode()
        for way in (GERMAN, {})
    )
    assert "Die E-Mail-Adresse oder das Passwort ist falsch." in german
    assert "The e-mail address or the password is wrong." in english


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/\0/"])
def test_what_is_refused_on_the_way_in_does_not_speak_the_last_readers_language(api, path):
    assert api().get(path, **GERMAN).json()["title"] == "So etwas gibt es hier nicht."
    assert api().get(path).json()["title"] == "There is no such thing here."


@pytest.fixture
def boss(acme, admin_user):
    return Browser(user=admin_user, HTTP_ACCEPT_LANGUAGE="de")


def test_the_back_office_says_a_refusal_in_german(boss, admin_user):
    answer = boss.send(f"/admin/accounts/user/{admin_user.pk}/change/", is_active=None)
    assert "Niemand kann sich selbst den Zugang nehmen; bitten Sie jemand anderen darum." in words(answer)


def test_the_back_office_names_the_platforms_roles_in_german(boss):
    for path in ("/admin/rbac/role/", "/admin/accounts/user/add/", "/admin/accounts/user/"):
        page = words(boss.get(path))
        assert "Superadministrator" in page, path
        assert "Super admin" not in page, path


def test_the_back_office_names_devices_in_german(boss, api, admin_user):
    linux = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    api().post("/api/v1/auth/login/", {"email": admin_user.email, "password": "correct-horse-9"}, **linux)
    assert "Firefox on Linux" in words(boss.get("/admin/account/", HTTP_ACCEPT_LANGUAGE="en"))
    assert "Firefox unter Linux" in words(boss.get("/admin/account/"))
