from rustok.kernel.modules import ModuleConfig


class PagesConfig(ModuleConfig):
    """Pages made of blocks, each at a path."""

    name = "apps.pages"
    slug = "pages"
    verbose_name = "Pages"
    requires = ("content", "media")
    toggleable = True
    critical = False

    def ready(self) -> None:
        """Say what a new page needs."""
        from apps.content.public import register_kind
        from apps.pages.services import extend_node

        register_kind("page", extend_node)
        super().ready()
