"""Nodes as tests want them; services make them, so that nothing stands in a table that no service would write."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from apps.blog import public as blog
from apps.forum import public as forum
from apps.pages import public as pages
from rustok.kernel.access import Actor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYSTEM = Actor.system("tests")
_number = count(1)

#: What an attacker writes; none of it may come out.
NASTY = (
    "Hello **you** <script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1)) "
    '<a href="javascript:alert(2)">me</a> <svg onload=alert(3)></svg> <iframe src="//evil"></iframe>'
)
TRACES = ("<script", "onerror=", 'href="javascript:', "<svg", "<iframe", "<img src=x")


def make_post(*, published: bool = True, **given: Any) -> Any:
    """Write a post."""
    given.setdefault("translations", {"en": {"title": f"Post {next(_number)}", "body": "Some *words*."}})
    if "actor" not in given:
        given = {"actor": SYSTEM, "author_name": "Ann"} | given
    return blog.create_post(now=NOW, publish_at=NOW if published else None, **given)


def make_page(*, published: bool = True, **given: Any) -> Any:
    """Make a page with a hero."""
    given.setdefault("path", f"page-{next(_number)}")
    given.setdefault("translations", {"en": {"title": "A page"}})
    given.setdefault("blocks", {"en": [{"type": "hero", "data": {"title": "Welcome"}}]})
    given.setdefault("actor", SYSTEM)
    return pages.create_page(now=NOW, publish_at=NOW if published else None, **given)


def make_board(slug: str = "general", **given: Any) -> Any:
    """Make a board."""
    given.setdefault("translations", {"en": {"name": slug.title()}})
    return forum.ensure_category(actor=SYSTEM, slug=slug, **given)


def make_topic(**given: Any) -> Any:
    """Open a topic on the board `general`."""
    make_board(given.setdefault("category", "general"))
    defaults: dict[str, Any] = {"title": "Which tent?", "body": "For two.", "locale": "en"}
    defaults |= {} if "actor" in given else {"actor": SYSTEM, "author_name": "Ann"}
    return forum.add_topic(**{"now": NOW, **defaults, **given})
