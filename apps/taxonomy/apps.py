from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class TaxonomyConfig(ModuleConfig):
    """Categories in a tree, and tags: the words that products and content are sorted by."""

    name = "apps.taxonomy"
    slug = "taxonomy"
    verbose_name = _("Categories and tags")
    description = _("The words that products and posts are sorted by.")
