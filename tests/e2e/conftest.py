"""A browser on a running demo: `make e2e` starts one; `RUSTOK_URL` names another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "demo-pass-2026!"
#: Screenshots of the README are written here when `SCREENSHOTS` is set.
SHOTS = Path(__file__).resolve().parents[2] / "docs" / "images"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def port() -> int:
    """The port that the demo serves on."""
    url = os.environ.get("RUSTOK_URL", "http://localhost:8000/")
    return urlsplit(url).port or 80


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next((path for name in names if (path := shutil.which(name))), None)
    assert executable, "browser tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, port: int) -> Iterator[Callable[..., Page]]:
    """Open a page of a tenant: `visit("acme", "/cart/", width=390, dark=True, javascript=False)`."""
    contexts = []

    def open_page(
        tenant: str | None, path: str = "/", *, width: int = 1280, height: int = 900, dark: bool = False,
        javascript: bool = True, locale: str = "en-US",
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale=locale,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "response",
            lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )
        page.problems = problems
        page.base = f"http://{tenant}.localhost:{port}" if tenant else f"http://localhost:{port}"
        page.goto(page.base + path)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            assert getattr(page, "problems", []) == [], "the page had errors"
        context.close()


@pytest.fixture
def log_in() -> Callable[[Page, str], None]:
    """Log in to the admin that the page is on."""

    def act(page: Page, email: str) -> None:
        page.goto(f"{page.base}/admin/login/?next=/admin/")
        page.fill("input[name=username]", email)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/admin/")

    return act


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a screenshot for the README, when asked to."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(SHOTS / f"{name}.png"))

    return take
