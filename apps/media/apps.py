from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class MediaConfig(ModuleConfig):
    """Images: checked, cleaned of metadata, kept in several sizes, served from the tenant's own folder."""

    name = "apps.media"
    slug = "media"
    verbose_name = _("Media")
    description = _("Images in every size that pages need.")
    requires = ("tenant",)
