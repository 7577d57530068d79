from rustok.kernel.modules import ModuleConfig


class TaxonomyConfig(ModuleConfig):
    """Categories in a tree, and tags: the words that products and content are sorted by."""

    name = "apps.taxonomy"
    slug = "taxonomy"
    verbose_name = "Taxonomy"
    requires = ("tenant", "outbox")
