"""Look at the pages of the back office and of one's account as people do: on a phone, in German and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD

ADMIN, MANAGER, OPERATOR = "admin@acme.test", "manager@acme.test", "operator@rustok.test"
LANGUAGES = ("de", "ru")
#: Of the shop that speaks it.
CUSTOMERS = {"de": ("acme", "customer@acme.test"), "ru": ("globex", "customer@globex.test")}
#: A page; or a list, and what follows the address of its first row ("" is the row's own page).
SHOP: tuple[str | tuple[str, str], ...] = (
    "/admin/", "/admin/account/", "/admin/product/product/?q=Sandal", ("/admin/product/product/", ""),
    ("/admin/product/product/", "do/share/"), ("/admin/pages/page/", "do/share/"),
    ("/admin/accounts/user/", ""), ("/admin/accounts/user/", "do/say_attributes/"),
    ("/admin/accounts/user/", "do/erase_from_log/"), "/admin/rbac/invitation/", "/admin/rbac/invitation/add/",
    ("/admin/rbac/role/", ""), "/admin/rbac/role/add/", "/admin/rbac/policy/", "/admin/rbac/policy/add/",
    ("/admin/rbac/policy/", "do/try_it/"), ("/admin/rbac/team/", ""), ("/admin/rbac/team/", "delete/"),
    "/admin/accounts/apikey/add/", "/admin/tenant/shop/", "/admin/tenant/module/", "/admin/tenant/domain/add/",
    "/admin/audit/auditentry/?q=warehouse", ("/admin/audit/auditentry/", ""), ("/admin/navigation/menu/", ""),
)  # fmt: skip
PLATFORM: tuple[str | tuple[str, str], ...] = (
    "/admin/", ("/admin/tenant/tenant/", ""), ("/admin/tenant/tenant/", "do/limit/"),
    ("/admin/tenant/tenant/", "do/leave/"), "/admin/tenant/job/", ("/admin/tenant/job/", ""), "/mailbox/",
)  # fmt: skip
ACCOUNT = ("", "devices/", "password/", "email/")
#: What an English page says somewhere, and no other page does. What shops write themselves is not looked at.
ENGLISH = re.compile(
    r"\b(Add|Apply|Back|Cancel|Changed?|Close|Delete|Filters|Log (?:in|out)|May|Nothing|Password|Reset|Results?|Return|"
    r"Run|Save|Search|Select|Settings|Show|Sign|The|Users|Your|created|from|requested|updated|with)\b"
)
#: Text and titles of a page, without what a shop wrote, code, and what only scripts read.
SAID = """() => {
  const own = "td, code, pre, option, textarea, h1, template, script, style, iframe, .material-symbols-outlined,"
    + " .rt-thumb, [lang]:not(html), .rt-choices, .footer, .header, .rt-devices strong, .devices strong, .mails";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest(own) === null && parent.checkVisibility()) found.push(walker.currentNode.textContent);
  }
  for (const name of ["aria-label", "title", "placeholder", "data-label"])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (one.closest(own) === null) found.push(one.getAttribute(name));
  return found.map((text) => text.trim()).filter(Boolean);
}"""
#: What can be filled in or pressed, and says to nobody what it is.
NAMELESS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]")]
  .filter((one) => one.checkVisibility())
  .filter((one) => ![...(one.labels || [])].some((label) => label.textContent.trim())
    && !["aria-label", "aria-labelledby", "title", "placeholder"].some((name) => one.getAttribute(name))
    && !one.textContent.trim() && !one.value && !one.querySelector("img[alt]:not([alt='']), [aria-label]"))
  .map((one) => one.outerHTML.slice(0, 160))"""
#: Impacts that shut somebody out.
SHUTS_OUT = ("serious", "critical")
#: Answers the address of a list's first row; the list itself need not be drawn for that.
FIRST = """async (listed) => {
  const page = new DOMParser().parseFromString(await (await fetch(listed)).text(), "text/html");
  return page.querySelector(`#result_list tbody a[href*="${listed}"]`).getAttribute("href").split("?")[0];
}"""
#: Read once, and run by itself: what passes is never asked for, as it takes longer to carry over than to find.
AXE = Axe().axe_script
CHECK = "(rules) => axe.run({resultTypes: ['violations'], runOnly: rules}).then((found) => found.violations)"
#: What is looked for: everything on a light page, and on a dark one what can differ, which takes a third of the time.
RULES = {"de": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "ru": ["color-contrast"]}


def problems(page: Page, language: str) -> list[Any]:
    """List what is wrong with how a page looks and what it says."""
    found: list[Any] = []
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 390:
        found.append(f"{wide} px wide")
    if (said := page.locator("html").get_attribute("lang")) != language:
        found.append(f"lang={said}")
    found += [f"nameless: {one}" for one in page.evaluate(NAMELESS)]
    found += [f"English: {text[:80]}" for text in page.evaluate(SAID) if ENGLISH.search(text)]
    page.evaluate(AXE)
    violations = page.evaluate(CHECK, RULES[language])
    return found + [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} (and {len(one['nodes']) - 1} more)"
        for one in violations
        if one["impact"] in SHUTS_OUT
    ]


def walk(page: Page, paths: Iterable[str | tuple[str, str]], language: str) -> dict[str, list[Any]]:
    """Open pages one after the other, and answer what is wrong with each."""
    rows: dict[str, str] = {}
    wrong: dict[str, list[Any]] = {}
    for path in paths:
        address = path if isinstance(path, str) else _row(page, path[0], rows).replace("change/", path[1] or "change/")
        page.goto(page.base + address)
        wrong[str(path)] = problems(page, language)
    return {path: found for path, found in wrong.items() if found}


def _row(page: Page, listed: str, known: dict[str, str]) -> str:
    if listed not in known:
        known[listed] = str(page.evaluate(FIRST, listed))
    return known[listed]


@pytest.fixture(scope="module")
def known() -> dict[tuple[str | None, str], list[Any]]:
    """Keep the cookies of those who have logged in: one login for each, whatever the language."""
    return {}


@pytest.fixture
def phone(visit):
    """Open a page on a phone of somebody who speaks a language; Russians have it dark."""

    def open_page(tenant: str | None, path: str, language: str) -> Page:
        return visit(tenant, path, width=390, height=844, dark=language == "ru", locale=language)

    return open_page


@pytest.fixture
def enter(log_in, known):
    """Let somebody into the back office: by the form the first time, and by the same session after that."""

    def act(page: Page, email: str) -> None:
        key = (page.tenant, email)
        if key in known:
            page.context.add_cookies(known[key])
        else:
            log_in(page, email)
            known[key] = page.context.cookies()

    return act


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shops_back_office_can_be_read_and_used_on_a_phone(phone, enter, language):
    page = phone("acme", "/admin/login/", language)
    assert problems(page, language) == []
    enter(page, ADMIN)
    assert walk(page, SHOP, language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_platforms_back_office_can_be_read_and_used_on_a_phone(phone, enter, language):
    page = phone(None, "/admin/login/", language)
    enter(page, OPERATOR)
    assert walk(page, PLATFORM, language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customers_own_pages_can_be_read_and_used_on_a_phone(phone, language):
    tenant, email = CUSTOMERS[language]
    own = f"/{language}/account/"
    page = phone(tenant, f"{own}login/", language)
    before = [f"{own}{name}" for name in ("login/", "register/", "password/reset/", "password/reset/confirm/?token=x")]
    assert walk(page, before, language) == {}
    page.goto(page.base + before[0])
    page.fill("#field-email", email)
    page.fill("#field-password", PASSWORD)
    page.locator("form.stack-l .button").click()
    page.wait_for_load_state()
    assert walk(page, [own + name for name in ACCOUNT], language) == {}
    page.goto(f"{page.base}{own}devices/")
    page.locator("button[value=enrol]").click()
    expect(page.locator(".qr svg")).to_be_visible()
    assert problems(page, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_only_once_can_be_read_on_a_phone(phone, enter, language):
    page = phone("acme", "/admin/login/", language)
    enter(page, ADMIN)
    page.goto(f"{page.base}/admin/account/")
    page.locator("button[value=enrol]").click()
    expect(page.locator(".rt-qr svg")).to_be_visible()
    assert problems(page, language) == []
    page.goto(f"{page.base}/admin/accounts/apikey/add/")
    page.fill("#id_name", "Till")
    page.select_option("#id_may_products", "read")
    page.locator("button[name=_save]").click()
    expect(page.locator("#new-key")).to_be_visible()
    assert problems(page, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_says_in_words_what_to_do(phone, enter, language):
    page = phone("acme", "/admin/login/", language)
    page.context.clear_cookies()
    page.fill("input[name=username]", MANAGER)
    page.fill("input[name=password]", PASSWORD)
    page.locator("#login-form button").click()
    expect(page.locator(".code-number")).to_have_text("403")
    assert problems(page, language) == []
    enter(page, MANAGER)
    assert page.goto(f"{page.base}/admin/accounts/user/").status == 403
    assert problems(page, language) == []
    leaves_to = page.locator("a.button").first.get_attribute("href")
    assert leaves_to == "/admin/"
    tenant, _email = CUSTOMERS[language]
    nothing = phone(tenant, f"/{language}/nothing-is-here/", language)
    assert problems(nothing, language) == []
