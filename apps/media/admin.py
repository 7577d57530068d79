"""The media library in the admin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.media.images import MAX_BYTES
from apps.media.models import Asset
from apps.media.selectors import asset_document
from apps.media.services import delete_asset, store_image, update_asset
from rustok.kernel.edges.admin import Menu, moment
from rustok.kernel.edges.admin_words import TranslatedAdmin, line, reader_chain, word

__all__ = ["AssetAdmin"]

#: Images that are uploaded at once.
MAX_FILES = 20


class SeveralFilesInput(forms.FileInput):
    """A file input that takes several images."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"class": "rt-files", "accept": ",".join(Asset.ContentType.values)})


class SeveralImagesField(forms.FileField):
    """Several uploaded images; what is in them is for the service to judge."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Answer the files, each of a size that we take."""
        found = data if isinstance(data, list | tuple) else [data]
        files = [super(SeveralImagesField, self).clean(one, initial) for one in found or [None]]
        if len(files) > MAX_FILES:
            raise ValidationError(_("At most %(most)s images at once.") % {"most": MAX_FILES})
        if any(one and one.size > MAX_BYTES for one in files):
            raise ValidationError(_("An image has at most %(most)s.") % {"most": filesizeformat(MAX_BYTES)})
        return [one for one in files if one]


class AssetForm(forms.ModelForm):  # type: ignore[type-arg]
    """An image's alternative texts and focal point; on upload, the files."""

    images = SeveralImagesField(
        label=_("Images"), help_text=_("JPEG, PNG, WebP or GIF. Several at once; drop them here or choose them.")
    )

    class Meta:
        model = Asset
        fields = ("focal_x", "focal_y")
        labels = {"focal_x": _("Focal point, from the left (%)"), "focal_y": _("Focal point, from the top (%)")}
        help_texts = {"focal_x": _("What stays visible when the image is cropped. A click on the image sets it.")}


@admin.register(Asset)
class AssetAdmin(TranslatedAdmin):
    """Images, with what they show for those who do not see them."""

    resource = "media"
    menu = Menu("content", "image", 90)
    form = AssetForm
    words = {"alt": line(_("Alternative text"), max_length=300, help_text=_("What the image shows, in a sentence."))}
    list_display = ("thumbnail", "name", "described", "dimensions", "weight", moment("created_at", _("Uploaded")))
    list_display_links = ("thumbnail", "name")
    search_fields = ("original_name", "translations__alt")
    readonly_fields = ("preview", "dimensions", "weight", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read words and renditions along."""
        return super().get_queryset(request).prefetch_related("translations", "renditions")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Make no locale compulsory: an image may be decoration."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name, field in form.base_fields.items():
            if name.startswith("alt_"):
                field.required = False
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Upload first, describe later."""
        if obj is None:
            return [(None, {"fields": ("images",)}), *self.word_tabs()]
        about = (None, {"fields": ("preview", ("focal_x", "focal_y"), "dimensions", "weight", "created_at")})
        return [about, *self.word_tabs()]

    @display(description="")
    def thumbnail(self, obj: Asset) -> SafeString:
        """Show the smallest rendition."""
        said = gettext("Picture of %(name)s") % {"name": self.name(obj)}
        return format_html('<img class="rt-thumb" src="{}" alt="{}" loading="lazy">', _smallest(obj), said)

    @display(description=_("File"), ordering="original_name")
    def name(self, obj: Asset) -> str:
        """Answer what it was called when it was uploaded."""
        return str(obj.original_name or obj.file.name)

    @display(description=_("Alternative text"))
    def described(self, obj: Asset) -> str:
        """Answer what it shows, in the reader's language."""
        return word(obj.translations.all(), "alt", "—")

    @display(description=_("Size"), ordering="width")
    def dimensions(self, obj: Asset) -> str:
        """Answer width and height."""
        return f"{obj.width} × {obj.height}"

    @display(description=_("File size"), ordering="size")
    def weight(self, obj: Asset) -> str:
        """Answer the bytes, for people."""
        return str(filesizeformat(obj.size))

    @display(description=_("Image"))
    def preview(self, obj: Asset) -> SafeString:
        """Show the image, with its focal point."""
        document = asset_document(obj, reader_chain()[0])
        url = next((one["url"] for one in document["renditions"] if one["width"] >= 480), document["url"])
        return format_html(
            '<span class="rt-focal" data-focal="{},{}"><img class="rt-preview" src="{}" alt="{}"></span>',
            obj.focal_x, obj.focal_y, url, document["alt"],
        )  # fmt: skip

    def save_through_service(self, request: HttpRequest, obj: Any, form: Any, formsets: Any, change: bool) -> Any:
        """Take the images in, or change what is said of one."""
        data, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        words = {locale: said["alt"] if said else None for locale, said in self.words_in(form).items()}
        if change:
            return update_asset(
                actor=actor,
                asset_id=obj.pk,
                expected_version=self.version_seen(request),
                focal_x=data["focal_x"],
                focal_y=data["focal_y"],
                alt=words,
            )
        alt = {locale: said for locale, said in words.items() if said}
        stored = [_store(actor, file, alt) for file in data["images"]]
        return Asset.objects.get(pk=stored[0])

    def delete_through_service(self, request: HttpRequest, obj: Any) -> None:
        """Throw it away with its files."""
        delete_asset(actor=request.actor, asset_id=obj.pk)  # type: ignore[attr-defined]


def _store(actor: Any, file: Any, alt: dict[str, str]) -> UUID:
    return store_image(actor=actor, content=file, filename=file.name, alt=alt)


def _smallest(asset: Asset) -> str:
    renditions = sorted(asset.renditions.all(), key=lambda one: one.width)
    return f"{settings.MEDIA_URL}{(renditions[0] if renditions else asset).file.name}"
