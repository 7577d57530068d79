from rustok.kernel.modules import ModuleConfig


class ${Module}Config(ModuleConfig):
    """${Module}: say in one line what it is for."""

    name = "apps.$module"
    slug = "$module"
    verbose_name = "$Module"
    requires = ("rbac",)
    toggleable = True
    critical = False
