from rustok.kernel.modules import ModuleConfig


class CommentsConfig(ModuleConfig):
    """What readers say, and who lets it stand."""

    name = "apps.comments"
    slug = "comments"
    verbose_name = "Comments"
    requires = ("accounts", "outbox")
    toggleable = True
    critical = False
