"""Images and their renditions; the files lie in the tenant's folder and are never changed once written."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, TranslationRow

__all__ = ["Asset", "AssetTranslation", "Rendition"]


class Asset(Entity):
    """An image as we keep it: upright, without metadata, under a name of ours."""

    #: Under which resource one can be shared by name.
    shared_as = "media"

    policy_resources = ("media",)
    policy_attributes = {
        "type": Text("content_type", _("image/jpeg, image/png, image/webp or image/gif")),
        "bytes": Number("size"),
        "width": Number("width"),
        "height": Number("height"),
        "name": Text("original_name"),
        "uploaded": Date("created_at"),
    }

    audited = Audited(label="original_name")

    class ContentType(models.TextChoices):
        JPEG = "image/jpeg"
        PNG = "image/png"
        WEBP = "image/webp"
        GIF = "image/gif"

    file = models.FileField(_("file"), max_length=120, unique=True)
    content_type = models.CharField(_("type"), max_length=16, choices=ContentType)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"))
    #: Of the bytes as they were uploaded: the same upload is the same asset.
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    original_name = models.CharField(_("uploaded as"), max_length=200, blank=True)
    #: What must stay visible when the image is cropped, in percent of width and height.
    focal_x = models.PositiveSmallIntegerField(_("focal point, x"), default=50)
    focal_y = models.PositiveSmallIntegerField(_("focal point, y"), default=50)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0, size__gt=0), name="media_asset_not_empty"),
            models.CheckConstraint(condition=Q(focal_x__lte=100, focal_y__lte=100), name="media_asset_focal_point"),
        ]

    def __str__(self) -> str:
        return self.original_name or str(self.file.name)


class AssetTranslation(TranslationRow):
    """What an image shows, in one locale, for those who do not see it."""

    audited = Audited(part_of="asset")

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="translations")
    alt = models.CharField(_("alternative text"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("alternative text")
        verbose_name_plural = _("alternative texts")
        constraints = [models.UniqueConstraint(fields=["asset", "locale"], name="media_asset_locale")]

    def __str__(self) -> str:
        return f"{self.alt} ({self.locale})"


class Rendition(Entity):
    """A smaller copy of an image, at most as wide as its spec says."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    spec = models.PositiveSmallIntegerField(_("spec"))
    file = models.FileField(_("file"), max_length=120, unique=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    format = models.CharField(_("format"), max_length=8, default="webp")

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ("width",)
        constraints = [models.UniqueConstraint(fields=["asset", "spec"], name="media_rendition_spec")]

    def __str__(self) -> str:
        return str(self.file.name)
