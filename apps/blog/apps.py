from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class BlogConfig(ModuleConfig):
    """Posts: nodes with a cover, tags and comments."""

    name = "apps.blog"
    slug = "blog"
    verbose_name = _("Blog")
    description = _("Posts with a cover, tags and comments.")
    requires = ("content", "index", "media", "taxonomy")
    uses = ("comments",)
    toggleable = True
    critical = False

    def ready(self) -> None:
        """Say what a new post needs, and when it takes comments."""
        from apps.blog.selectors import is_open
        from apps.blog.services import extend_node
        from apps.comments.public import register_target
        from apps.content.public import register_kind

        register_kind("post", extend_node)
        register_target("post", is_open)
        super().ready()
