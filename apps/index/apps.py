from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class IndexConfig(ModuleConfig):
    """What lists, details and search are read from, kept right by events."""

    name = "apps.index"
    slug = "index"
    verbose_name = _("Search index")
    description = _("What lists, pages and the search are read from.")
    requires = ("tenant",)
