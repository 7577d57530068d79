"""What the storefront's templates need beyond Django's own: links, money, dates, pictures, icons."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from django import template
from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.storefront.links import link, localize
from rustok.kernel.markup import sanitize

register = template.Library()

JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def to(context: template.Context, name: str, **kwargs: Any) -> str:
    """Return the path of a storefront page in the reader's locale."""
    return link(name, locale=context["shop"].prefix, **kwargs)


@register.simple_tag(takes_context=True)
def local(context: template.Context, url: str) -> str:
    """Return an address that an editor wrote, in the reader's locale."""
    return localize(url, locale=context["shop"].prefix)


@register.simple_tag(takes_context=True)
def lang_of(context: template.Context, document: Mapping[str, Any]) -> SafeString:
    """Mark words that are in another language than their page."""
    resolved = document.get("resolved_locale")
    return format_html(' lang="{}"', resolved) if resolved and resolved != context["shop"].locale else SafeString()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; the words beside it speak for it."""
    return _icon(name, size)


@lru_cache(maxsize=128)
def _icon(name: str, size: str) -> SafeString:
    sprite = static("storefront/icons.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', size, sprite, name
    )


@register.filter
def money(value: Any) -> str:
    """Write an amount as its reader's locale does: {"amount": "19.9", "currency": "EUR"} → 19,90 €."""
    if not value:
        return ""
    if isinstance(value, Mapping):
        return _money(str(value["amount"]), value["currency"], _babel_locale())
    return _money(str(value.decimal), value.currency, _babel_locale())


@lru_cache(maxsize=8192)
def _money(amount: str, currency: str, locale: str) -> str:
    return format_currency(Decimal(amount), currency, locale=locale)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """Write a date in words."""
    return format_date(_moment(value), format="long", locale=_babel_locale()) if value else ""


@register.filter
def iso(value: date | datetime | str | None) -> str:
    """Write a date for machines."""
    return _moment(value).isoformat() if value else ""


def _moment(value: date | datetime | str) -> date | datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


@register.filter
def country(code: str) -> str:
    """Name a country in the reader's language."""
    return Locale.parse(_babel_locale()).territories.get(str(code).upper(), str(code))


@register.filter
def language(tag: str) -> str:
    """Name a language in itself: de → Deutsch."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (ValueError, UnknownLocaleError):
        name = tag
    return (name or tag).capitalize()


def _babel_locale() -> str:
    return _known_locale(get_language() or "en")


@lru_cache(maxsize=128)
def _known_locale(tag: str) -> str:
    try:
        return str(Locale.parse(tag, sep="-"))
    except (ValueError, UnknownLocaleError):
        return "en"


@register.filter
def rich(text: str | None) -> SafeString:
    """Show rich text; it was cleaned when it was written, and is cleaned again where it would do harm."""
    return _rich(str(text or ""))


@lru_cache(maxsize=1024)
def _rich(text: str) -> SafeString:
    if "<" not in text:
        return mark_safe(linebreaks(text, autoescape=True))
    return mark_safe(sanitize(text))


@register.filter
def percent_off(product: Mapping[str, Any]) -> int:
    """Return by how many whole percent the lowest price is reduced; 0 if it is not."""
    was, now = product.get("compare_at"), (product.get("price_range") or {}).get("min")
    if not was or not now or Decimal(was["amount"]) <= Decimal(now["amount"]):
        return 0
    return int(100 - 100 * Decimal(now["amount"]) / Decimal(was["amount"]))


@register.filter
def field_of(mapping: Mapping[str, Any], key: str) -> Any:
    """Look a key up that a template cannot spell."""
    return mapping.get(key, "")


@register.simple_tag
def picture(image: Mapping[str, Any], sizes: str = "100vw", eager: bool = False, alt: str | None = None) -> SafeString:
    """Draw an image with its renditions; `eager` for the one that the reader sees first."""
    described = str(image.get("alt") or "") if alt is None else alt
    size = (image.get("width"), image.get("height"))
    return _picture(image["url"], described, size, image.get("srcset") or "", sizes, eager)


@lru_cache(maxsize=4096)
def _picture(
    url: str, alt: str, size: tuple[int | None, int | None], srcset: str, sizes: str, eager: bool
) -> SafeString:
    attributes: list[tuple[str, Any]] = [("src", url), ("alt", alt)]
    if all(size):
        attributes += zip(("width", "height"), size, strict=True)
    if srcset:
        attributes += [("srcset", srcset), ("sizes", sizes)]
    attributes += [("fetchpriority", "high")] if eager else [("loading", "lazy")]
    return format_html("<img {} decoding=async>", format_html_join(" ", '{}="{}"', attributes))


@register.simple_tag
def json_ld(document: Mapping[str, Any]) -> SafeString:
    """Write structured data for search engines, safe inside a script element."""
    text = json.dumps(document, ensure_ascii=False).translate(JSON_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


@register.inclusion_tag("storefront/parts/field.html")
def field(form: Any, name: str, label: str, **options: Any) -> dict[str, Any]:
    """Draw a labelled input with its value, hint and errors."""
    return {
        "name": name,
        "id": options.pop("id", f"field-{name.replace('.', '-')}"),
        "label": label,
        "value": form.values.get(name, ""),
        "error": form.errors.get(name, ""),
        "type": options.pop("type", "text"),
        "span": options.pop("span", ""),
        "required": options.pop("required", True),
        **options,
    }


@register.filter
def status_name(status: str) -> str:
    """Name the state of an order, a payment or a shipment."""
    return str(_status_names().get(status, status.replace("_", " ").capitalize()))


def _status_names() -> dict[str, str]:
    return {
        "pending": _("Received"),
        "confirmed": _("Confirmed"),
        "paid": _("Paid"),
        "shipped": _("On its way"),
        "delivered": _("Delivered"),
        "cancelled": _("Cancelled"),
        "authorized": _("Authorised"),
        "captured": _("Paid"),
        "refunded": _("Refunded"),
        "partially_refunded": _("Partly refunded"),
        "failed": _("Failed"),
        "unfulfilled": _("Being packed"),
        "partially_fulfilled": _("Partly sent"),
        "fulfilled": _("Sent"),
        "awaiting": _("Awaiting payment"),
        "unpaid": _("Awaiting payment"),
    }


@register.filter
def status_tone(status: str) -> str:
    """Return the tone of a state's badge."""
    if status in ("cancelled", "failed"):
        return "bad"
    return "good" if status in ("paid", "captured", "shipped", "delivered", "fulfilled") else ""


@register.filter
def initial(name: str) -> str:
    """Return the letter of an avatar."""
    return escape(str(name).strip()[:1].upper() or "?")
