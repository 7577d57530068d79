"""Rich text: Markdown in, HTML out that is safe to show, whoever wrote it and over whichever edge it came."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

__all__ = ["render_article", "render_remark", "sanitize"]

#: What an article may be made of; everything else is dropped, with its content where that is code.
_ARTICLE = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "small",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
#: What anybody may write under an article: no images, no headings, no tables.
_REMARK = {"a", "b", "blockquote", "br", "code", "del", "em", "i", "li", "ol", "p", "pre", "s", "strong", "ul"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}

_article = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_remark = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("strikethrough")
for _parser in (_article, _remark):
    _parser.validateLink = lambda url: True  # type: ignore[method-assign]  # nh3 judges addresses, in one place


def sanitize(html: str) -> str:
    """Keep of an HTML text what is safe to show."""
    return nh3.clean(
        html, tags=_ARTICLE, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer"
    ).strip()


def render_article(source: str) -> str:
    """Turn Markdown, in which HTML may stand, into safe HTML; headings begin at the second level."""
    return sanitize(_article.render(source).replace("<h1>", "<h2>").replace("</h1>", "</h2>"))


def render_remark(source: str) -> str:
    """Turn what a visitor wrote into safe HTML; links in it are not vouched for."""
    return nh3.clean(
        _remark.render(source), tags=_REMARK, attributes=_ATTRIBUTES, url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener noreferrer",
    ).strip()  # fmt: skip
