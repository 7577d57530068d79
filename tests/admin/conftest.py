"""Browsers of the back office: logged in, and following what a form contains."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.conftest import TenantClient


class Browser(TenantClient):
    """A client of one tenant's admin that sends forms as a browser does."""

    def filled(self, path: str) -> dict[str, Any]:
        """Answer what the form of a page would send if nothing was typed."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.status_code
        return form_values(answer.content.decode())

    def send(self, path: str, **typed: Any) -> Any:
        """Open a page, type into its form, and save."""
        values = self.filled(path) | typed
        return self.post(path, {name: value for name, value in values.items() if value is not None})


class _Form(HTMLParser):
    """Reads the controls of the page's main form."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self.select: str | None = None
        self.area: str | None = None
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self.inside = (at.get("id") or "").endswith("_form")
        name = at.get("name")
        if not self.inside:
            return
        if tag == "input" and name and at.get("type") not in ("submit", "file"):
            if at.get("type") in ("checkbox", "radio"):
                if "checked" in at:
                    self._add(name, at.get("value") or "on")
            else:
                self._add(name, at.get("value") or "")
        elif tag == "textarea":
            self.area = name
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in at:
            self._add(self.select, at.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self.area and self.inside:
            self.values[self.area] = data.lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.values.setdefault(self.area or "", "")
            self.area = None
        elif tag == "select":
            self.select = None

    def _add(self, name: str, value: str) -> None:
        if "__prefix__" in name:
            return
        if name in self.values and isinstance(self.values[name], list):
            self.values[name].append(value)
        elif name in self.values and name not in ("csrfmiddlewaretoken",):
            self.values[name] = [self.values[name], value]
        else:
            self.values[name] = value


def form_values(page: str) -> dict[str, Any]:
    """Read what the main form of a page would send."""
    parser = _Form()
    parser.feed(page)
    return {name: value for name, value in parser.values.items() if name}


def words(answer: Any) -> str:
    """Answer the text of a page, without tags and with single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture
def browser(acme: Any) -> Callable[..., Browser]:
    """Make a browser of acme (or of `host`), logged in as `user`."""

    def make(user: Any = None, host: str = "acme.localhost") -> Browser:
        return Browser(host, user)

    return make


@pytest.fixture
def operator(db: None) -> Any:
    """The operator of the platform."""
    from apps.tenant.public import find, use_tenant
    from tests.conftest import make_user

    with use_tenant(find("platform")):
        return make_user("operator@rustok.test", role="superadmin", is_staff=True)
