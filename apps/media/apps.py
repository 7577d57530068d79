from rustok.kernel.modules import ModuleConfig


class MediaConfig(ModuleConfig):
    """Images: checked, cleaned of metadata, kept in several sizes, served from the tenant's own folder."""

    name = "apps.media"
    slug = "media"
    verbose_name = "Media"
    requires = ("tenant", "outbox")
