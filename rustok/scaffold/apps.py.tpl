from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ${Module}Config(ModuleConfig):
    """${Module}: say in one line what it is for."""

    name = "apps.$module"
    slug = "$module"
    verbose_name = _("$Module")
    description = _("Say to people in one sentence what it is for.")
    toggleable = True
    critical = False
