"""The admin edge of rich text: an editor over a text area, which still holds the HTML for those without JavaScript."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_prose_editor.widgets import ProseEditorWidget, prose_editor_base_media, prose_editor_media
from js_asset import Media
from unfold.widgets import TEXTAREA_CLASSES

__all__ = ["ProseWidget"]

#: The bar of buttons, group by group.
_BAR = ("headings", "marks", "lists", "nodes -blockType -lists", "link", "history")
#: What the editor understands; beyond the bar's buttons, what an API or an import may have brought.
_EXTENSIONS: dict[str, Any] = {
    "Bold": True, "Italic": True, "Heading": {"levels": [2, 3, 4]}, "BulletList": True, "OrderedList": True,
    "ListItem": True, "Blockquote": True, "HardBreak": True, "HorizontalRule": True, "Strike": True,
    "Underline": True, "Subscript": True, "Superscript": True, "Code": True, "CodeBlock": True, "Image": True,
    "Table": True, "TableRow": True, "TableHeader": True, "TableCell": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Menu": {"groups": [{"group": name} for name in _BAR]}, "NoSpellCheck": False,
}  # fmt: skip


class ProseWidget(ProseEditorWidget):  # type: ignore[misc]
    """A rich text editor; what it sends is for the service to sanitise.

    A text with elements that the editor does not know stays in the text area, so that no edit loses them.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        attrs = {"class": " ".join(TEXTAREA_CLASSES), "rows": 8, **(attrs or {})}
        super().__init__(attrs, preset="configurable", config={"extensions": _EXTENSIONS})

    @property
    def media(self) -> Media:
        """Answer the package's files with ours; its import map is the one inline script, and holds data only."""
        ours = Media(css={"all": ["django_prose_editor/editor.css", "rustok/prose.css"]}, js=["rustok/prose.js"])
        return prose_editor_media(base=prose_editor_base_media + ours, preset=self.preset)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name buttons and fields in the reader's language; buttons without a name are not shown."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-prose-labels"] = json.dumps(_labels(), ensure_ascii=False)
        return context

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Tell those without JavaScript what they see."""
        area = super().render(name, value, attrs, renderer)
        hint = _("HTML is allowed; scripts are taken out.")
        return format_html('{}<p class="rt-hint rt-prose-hint">{}</p>', area, hint)


def _labels() -> dict[str, str]:
    heading = _("Heading")
    return {
        **{f"heading{level}": f"{heading} {level}" for level in (2, 3, 4)},
        "bold": _("Bold"), "italic": _("Italic"), "bulletList": _("List"), "orderedList": _("Numbered list"),
        "blockquote": _("Quote"), "link": _("Link"), "unlink": _("Remove the link"), "history:undo": _("Undo"),
        "history:redo": _("Redo"),
        # the dialog of a link, by what the package calls it
        "Edit Link": _("Link"), "URL": _("Address"), "Title": _("Title"), "Update": _("Apply"), "Cancel": _("Cancel"),
    }  # fmt: skip
