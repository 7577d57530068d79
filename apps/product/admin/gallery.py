"""The images of a product on its page: to be put in order, taken off and added to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.media.public import image_urls
from rustok.kernel.ids import parse_id

__all__ = ["GalleryField", "UploadsField"]

#: Images that are uploaded at once.
MAX_FILES = 20
TYPES = "image/jpeg,image/png,image/webp,image/gif"


class GalleryWidget(forms.Widget):
    """Thumbnails, each with its place and a box to take it off; the script lets them be dragged."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the images in their order."""
        ids = [key for key in map(_as_id, value or ()) if key]
        urls = image_urls(ids, width=480)
        figures = format_html_join("", _FIGURE, (
            (key, urls.get(key, ""), name, key, name, key, place, gettext("Place of image %(n)s") % {"n": place},
             name, key, gettext("Take off"))
            for place, key in enumerate(ids, start=1)
        ))  # fmt: skip
        empty = SafeString("") if ids else format_html('<p class="rt-hint">{}</p>', gettext("No images yet."))
        marker = format_html('<input type="hidden" name="{}" value="1">', name)
        return format_html('<div class="rt-images">{}{}</div>{}', marker, figures, empty)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str] | None:
        """Read the ids in the order of their places; None if the images were not on the page."""
        if name not in data:
            return None
        kept = [key for key in data.getlist(f"{name}_id") if f"{name}_off_{key}" not in data]
        return sorted(kept, key=lambda key: _place(data.get(f"{name}_at_{key}", "")))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the page had no images."""
        return name not in data

    def id_for_label(self, id_: str) -> str:
        """Belong to no single input."""
        return ""


_FIGURE = (
    '<figure draggable="true" data-image="{}"><img src="{}" alt=""><figcaption>'
    '<input type="hidden" name="{}_id" value="{}">'
    '<input class="rt-place" type="number" min="1" name="{}_at_{}" value="{}" aria-label="{}">'
    '<label><input type="checkbox" name="{}_off_{}"> {}</label></figcaption></figure>'
)


def _as_id(value: Any) -> UUID | None:
    return value if isinstance(value, UUID) else parse_id(value)


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 99_999


class GalleryField(forms.Field):
    """The images that a product shows, in order; cleans to their ids, or None if nothing was said of them."""

    widget = GalleryWidget

    def clean(self, value: Any) -> list[UUID] | None:
        """Read ids."""
        return None if value is None else [key for key in map(parse_id, value) if key]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare ids in their order."""
        return data is not None and [str(key) for key in initial or ()] != list(data)


class UploadsInput(forms.FileInput):
    """A file input that takes several images."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"class": "rt-files", "accept": TYPES})


class UploadsField(forms.FileField):
    """New images; what is in them is for the service to judge."""

    widget = UploadsInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Answer the files."""
        found: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        files = [super(UploadsField, self).clean(one, initial) for one in found if one]
        if len(files) > MAX_FILES:
            raise ValidationError(_("At most %(most)s images at once.") % {"most": MAX_FILES})
        return files


def choices_of(images: Sequence[UUID], names: Mapping[UUID, str] | None = None) -> list[tuple[str, str]]:
    """Number the images of a product, for the choice of one."""
    numbered = [(str(key), gettext("Image %(n)s") % {"n": place}) for place, key in enumerate(images, start=1)]
    return [("", "—"), *numbered]
