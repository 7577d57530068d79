from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class PagesConfig(ModuleConfig):
    """Pages made of blocks, each at a path."""

    name = "apps.pages"
    slug = "pages"
    verbose_name = _("Pages")
    description = _("Pages made of blocks, the front page among them.")
    requires = ("content", "index", "media")
    toggleable = True
    critical = False

    def ready(self) -> None:
        """Say what a new page needs."""
        from apps.content.public import register_kind
        from apps.pages.services import extend_node

        register_kind("page", extend_node)
        super().ready()
