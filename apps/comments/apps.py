from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class CommentsConfig(ModuleConfig):
    """What readers say, and who lets it stand."""

    name = "apps.comments"
    slug = "comments"
    verbose_name = _("Comments")
    description = _("What readers say, and who lets it stand.")
    requires = ("accounts",)
    toggleable = True
    critical = False
