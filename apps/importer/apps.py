from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ImporterConfig(ModuleConfig):
    """Catalogues of other systems, brought in row by row."""

    name = "apps.importer"
    slug = "importer"
    verbose_name = _("Importer")
    description = _("Catalogues of other shop systems, brought in row by row.")
    requires = ("inventory", "media", "pricing", "product", "taxonomy", "tenant")
    toggleable = True
    critical = False
