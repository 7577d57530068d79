from rustok.kernel.modules import ModuleConfig


class ImporterConfig(ModuleConfig):
    """Catalogues of other systems, brought in row by row."""

    name = "apps.importer"
    slug = "importer"
    verbose_name = "Importer"
    requires = ("product", "pricing", "inventory", "taxonomy", "media")
    toggleable = True
    critical = False
