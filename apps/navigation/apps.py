from rustok.kernel.modules import ModuleConfig


class NavigationConfig(ModuleConfig):
    """Menus: where each leads, and what each is called in every language."""

    name = "apps.navigation"
    slug = "navigation"
    verbose_name = "Navigation"
    requires = ("content", "pages")
    toggleable = True
    critical = False
