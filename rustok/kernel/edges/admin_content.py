"""The admin edge of what is written and published: Markdown with a preview, and the state of each language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from rustok.kernel.edges.admin import object_action
from rustok.kernel.edges.admin_words import language_name
from rustok.kernel.tenancy import current_tenant

__all__ = ["LanguageForm", "MarkdownWidget", "has_draft", "has_published", "markdown", "publishing", "states"]


class MarkdownWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    """A text area with buttons for Markdown and a preview made by the server."""

    class Media:
        js = ("rustok/markdown.js",)
        css = {"all": ("rustok/markdown.css",)}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        labels = {
            "data-label-bold": _("Bold"), "data-label-italic": _("Italic"), "data-label-heading": _("Heading"),
            "data-label-link": _("Link"), "data-label-list": _("List"), "data-label-quote": _("Quote"),
            "data-label-preview": _("Preview"), "data-label-write": _("Write"),
        }  # fmt: skip
        super().__init__({"rows": 16, "data-markdown": "/api/v1/nodes/render/", **labels, **(attrs or {})})


def markdown(label: Any, *, max_length: int, rows: int = 16, help_text: Any = "") -> forms.CharField:
    """Make a field of formatted text; the service sanitises it."""
    return forms.CharField(
        label=label, max_length=max_length, widget=MarkdownWidget({"rows": rows}),
        help_text=help_text or _("Markdown: **bold**, *italic*, ## heading, [words](address). Scripts are taken out."),
    )  # fmt: skip


class LanguageForm(forms.Form):
    """Which language of an object."""

    locale = forms.ChoiceField(label=_("Language"), required=False)

    def about(self, obj: Any) -> None:
        """Offer the languages that the object has, and all of them together."""
        locales = [(row.locale, language_name(row.locale)) for row in obj.translations.all()]
        field: Any = self.fields["locale"]
        field.choices = [("", _("all languages")), *locales]


def has_draft(obj: Any) -> bool:
    """Tell whether visitors do not see one of its languages."""
    return any(row.status == "draft" for row in obj.translations.all())


def has_published(obj: Any) -> bool:
    """Tell whether visitors see one of its languages."""
    return any(row.status == "published" for row in obj.translations.all())


#: Calls a service for one object and one language; None stands for all of them.
Act = Callable[[HttpRequest, Any, str | None], None]


def publishing(permission: str, publish: Act, unpublish: Act) -> type:
    """Build the part of an admin page that shows an object to visitors and hides it: buttons, and for many at once."""

    class Publishing:
        actions = ("publish_chosen", "unpublish_chosen")

        @object_action(
            _("Publish"), permission=permission, form=LanguageForm, when=has_draft, primary=True, icon="publish",
            hint=_("Visitors see it from now on."),
        )  # fmt: skip
        def publish(self, request: HttpRequest, obj: Any, data: Any) -> Any:
            """Let visitors see it."""
            publish(request, obj, data["locale"] or None)
            return _("It is published.")

        @object_action(
            _("Unpublish"), permission=permission, form=LanguageForm, when=has_published, danger=True,
            icon="visibility_off", hint=_("It becomes a draft again; nothing is lost."),
        )  # fmt: skip
        def unpublish(self, request: HttpRequest, obj: Any, data: Any) -> Any:
            """Hide it."""
            unpublish(request, obj, data["locale"] or None)
            return _("It is a draft again.")

        @admin.action(description=_("Publish in all languages"), permissions=["change"])
        def publish_chosen(self: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
            """Publish each chosen object."""
            self.do_each(request, queryset, lambda obj: publish(request, obj, None), _("Published"))

        @admin.action(description=_("Unpublish in all languages"), permissions=["change"])
        def unpublish_chosen(self: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
            """Hide each chosen object."""
            self.do_each(request, queryset, lambda obj: unpublish(request, obj, None), _("Unpublished"))

    return Publishing


def states(rows: Iterable[Any]) -> SafeString:
    """Show which languages are there, and which of them visitors see."""
    by_locale = {row.locale: row for row in rows}
    known = [locale for locale in current_tenant().locales if locale in by_locale]
    return format_html_join(" ", '<span class="rt-pill {}" title="{}">{}</span>', [
        (
            "rt-pill-good" if by_locale[locale].status == "published" else "rt-pill-warn",
            by_locale[locale].get_status_display(),
            f"{locale} · {by_locale[locale].get_status_display()}",
        )
        for locale in known
    ])  # fmt: skip
