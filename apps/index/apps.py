from rustok.kernel.modules import ModuleConfig


class IndexConfig(ModuleConfig):
    """What lists, details and search are read from, kept right by events."""

    name = "apps.index"
    slug = "index"
    verbose_name = "Index"
    requires = ("outbox",)
