"""The admin edge of translated entities: the words of each locale on a tab of their own."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from babel import Locale, UnknownLocaleError
from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from rustok.kernel.edges.admin import Admin
from rustok.kernel.edges.admin_prose import ProseWidget
from rustok.kernel.errors import FieldError
from rustok.kernel.locales import fallback_chain, pick
from rustok.kernel.markup import sanitize
from rustok.kernel.tenancy import current_tenant

__all__ = ["TranslatedAdmin", "field_for", "html", "language_name", "line", "reader_chain", "text", "word"]


def line(label: Any, *, max_length: int, help_text: Any = "") -> forms.CharField:
    """Make a field of one line."""
    return forms.CharField(label=label, max_length=max_length, help_text=help_text, widget=UnfoldAdminTextInputWidget)


def text(label: Any, *, max_length: int, rows: int = 4, help_text: Any = "") -> forms.CharField:
    """Make a field of several lines."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=max_length, help_text=help_text, widget=widget)


def html(label: Any, *, max_length: int, rows: int = 8) -> forms.CharField:
    """Make a field of formatted text; the service sanitises it."""
    return forms.CharField(label=label, max_length=max_length, widget=ProseWidget({"rows": rows}))


def language_name(locale: str) -> str:
    """Call a locale by its name in the reader's language."""
    try:
        name = Locale.parse(locale, sep="-").get_display_name((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return locale
    return f"{name[:1].upper()}{name[1:]}" if name else locale


def reader_chain() -> tuple[str, ...]:
    """List the locales in which somebody at the admin wants names: their own, the tenant's, English."""
    return fallback_chain(get_language() or "en", current_tenant().default_locale)


def field_for(name: str, locale: str) -> str:
    """Name the field of a word in a locale; it is an identifier in scripts, too."""
    return f"{name}_{locale.replace('-', '_')}"


class TranslatedAdmin(Admin):
    """An admin page of an entity with `translations`; `words` are the fields of each locale."""

    is_base = True

    #: Field name → a form field to copy. The first one is what a locale cannot do without.
    words: ClassVar[Mapping[str, forms.Field]] = {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Build the form with fields for every locale of the tenant."""
        fields: dict[str, Any] = {}
        standing = _words_of(obj)
        tenant = current_tenant()
        for locale in tenant.locales:
            for order, (name, prototype) in enumerate(self.words.items()):
                field = copy.deepcopy(prototype)
                field.required = order == 0 and locale == tenant.default_locale
                field.initial = standing.get(locale, {}).get(name, "")
                field.widget.attrs["lang"] = locale
                if locale != tenant.default_locale and not order:
                    field.widget.attrs["placeholder"] = standing.get(tenant.default_locale, {}).get(name, "")
                fields[field_for(name, locale)] = field
        kwargs["form"] = type(self.form.__name__, (kwargs.get("form") or self.form,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Carry the words along for those who may only read."""
        obj = super().get_object(request, object_id, from_field)
        for locale, words in _words_of(obj).items() if obj is not None else ():
            for name, prototype in self.words.items():
                said = words.get(name, "")
                formatted = isinstance(prototype.widget, ProseWidget)
                setattr(obj, field_for(name, locale), SafeString(sanitize(said)) if formatted else said)
        return obj

    def word_tabs(self) -> list[tuple[Any, dict[str, Any]]]:
        """Answer a tab for each locale; one without a tab if there is only one."""
        locales = current_tenant().locales
        return [
            (language_name(locale), {
                "fields": tuple(field_for(name, locale) for name in self.words),
                "classes": ["tab"] if len(locales) > 1 else [],
            })
            for locale in locales
        ]  # fmt: skip

    def words_in(self, form: forms.Form) -> dict[str, dict[str, str] | None]:
        """Read what was written, by locale; None for a locale that was emptied."""
        found: dict[str, dict[str, str] | None] = {}
        first = next(iter(self.words))
        for locale in current_tenant().locales:
            written = {name: form.cleaned_data.get(field_for(name, locale)) or "" for name in self.words}
            if written[first]:
                found[locale] = written
            elif form[field_for(first, locale)].initial:
                found[locale] = None
        return found

    def place_of_error(self, error: FieldError) -> str:
        """Find the tab of an error such as `translations.de.name`, or of the default locale."""
        parts = error.field.split(".")
        if parts[0] in ("translations", "words", "alt") and len(parts) > 1:
            name = parts[2] if len(parts) > 2 else next(iter(self.words))
            return field_for(name, parts[1])
        if error.field in self.words:
            return field_for(error.field, current_tenant().default_locale)
        return super().place_of_error(error)


def _words_of(obj: Any) -> dict[str, dict[str, Any]]:
    """Read the translations of an object, by locale."""
    if obj is None or obj._state.adding:
        return {}
    return {row.locale: vars(row) for row in obj.translations.all()}


def word(rows: Iterable[Model], name: str, default: str = "") -> str:
    """Answer a word in the reader's locale out of translations that were read along."""
    found: Any = pick(rows, reader_chain())  # type: ignore[type-var]
    return str(getattr(found, name)) if found else default
