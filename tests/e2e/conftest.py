"""A browser on a running demo: `make e2e` starts one; `RUSTOK_URL` names another."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

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
#: Says in the console what a content security policy forbade; the policy does not hold for scripts of the browser's.
TELL = """document.addEventListener("securitypolicyviolation", (event) => console.error(
    `forbidden by ${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""


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


def _is_a_refusal(message: ConsoleMessage) -> bool:
    """Tell whether a page only says of itself that it is refused or not there; tests look at that themselves."""
    here = message.page.url.partition("#")[0] if message.page else ""
    return message.text.startswith("Failed to load resource") and message.location.get("url") == here


def listen(context: BrowserContext) -> list[str]:
    """Collect what goes wrong on the pages of a context: scripts, what a policy forbids, what is missing or broken."""
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on(
        "console",
        lambda said: (
            problems.append(f"{said.text} ({said.location.get('url')})")
            if said.type == "error" and not _is_a_refusal(said)
            else None
        ),
    )
    context.on(
        "response",
        lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
    )
    return problems


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
        context.add_init_script(TELL)
        contexts.append((context, listen(context)))
        page = context.new_page()
        page.tenant = tenant
        page.base = f"http://{tenant}.localhost:{port}" if tenant else f"http://localhost:{port}"
        page.goto(page.base + path)
        return page

    yield open_page
    for context, _ in contexts:
        context.close()
    assert [problem for _, problems in contexts for problem in problems] == [], "pages had errors"


@pytest.fixture
def log_in() -> Callable[[Page, str], None]:
    """Log in to the admin that the page is on."""

    def act(page: Page, email: str) -> None:
        page.goto(f"{page.base}/admin/login/?next=/admin/")
        page.fill("input[name=username]", email)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{page.base}/admin/")  # not the page of the login, which ends like it

    return act


def until(met: Callable[[], bool], what: str, page: Page | None = None, seconds: float = 20) -> None:
    """Wait for what a worker does after the answer; open the page again in between."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)
        if page is not None:
            page.reload()


def leaves(page: Page, label: str) -> None:
    """Press a button that leads to another page, and wait for it."""
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


@pytest.fixture
def letter(visit: Callable[..., Page]) -> Callable[[str], str]:
    """Find the newest mail to an address in the platform's mailbox, and answer where its button leads."""

    def find(to: str) -> str:
        page = visit(None, "/mailbox/")
        mail = page.locator(".mails a", has_text=to).first
        until(lambda: mail.count() > 0, f"no mail to {to} came", page)
        mail.click()
        body = page.frame_locator("article iframe")
        expect(body.locator("a").first).to_be_visible()
        return str(body.locator("a[href*='token=']").first.get_attribute("href"))

    return find


@pytest.fixture
def invited(visit: Callable[..., Page], letter: Callable[[str], str]) -> Callable[..., str]:
    """Invite somebody as the Admin whose page is given, accept, and answer the new person's address."""

    def act(page: Page, *roles: str) -> str:
        email = f"guest-{time.time_ns()}@{page.tenant}.test"
        page.goto(f"{page.base}/admin/rbac/invitation/add/")
        page.fill("#id_email", email)
        for role in roles:
            page.get_by_label(role, exact=True).check()
        leaves(page, "Save")
        expect(page.locator("#result_list", has_text=email)).to_be_visible()
        guest = visit(page.tenant, "/")
        guest.goto(letter(email))
        guest.fill("#field-name", "Nina New")
        guest.fill("#field-password", PASSWORD)
        leaves(guest, "Make my account")
        expect(guest.get_by_text("Your account is ready.")).to_be_visible()
        return email

    return act


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a screenshot for the README, when asked to."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(SHOTS / f"{name}.png"))

    return take
