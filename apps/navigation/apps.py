from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class NavigationConfig(ModuleConfig):
    """Menus: where each leads, and what each is called in every language."""

    name = "apps.navigation"
    slug = "navigation"
    verbose_name = _("Menus")
    description = _("The links in the header, the footer and the sidebar.")
    requires = ("content",)
    uses = ("pages",)
    toggleable = True
    critical = False
