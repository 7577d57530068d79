from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ForumConfig(ModuleConfig):
    """Boards, topics and replies."""

    name = "apps.forum"
    slug = "forum"
    verbose_name = _("Forum")
    description = _("Boards where visitors open topics and reply.")
    requires = ("accounts", "content")
    toggleable = True
    critical = False

    def ready(self) -> None:
        """Say that a topic cannot be made without a board."""
        from apps.content.public import register_kind
        from apps.forum.services import refuse_bare_topic

        register_kind("topic", refuse_bare_topic)
        super().ready()
