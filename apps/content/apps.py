from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ContentConfig(ModuleConfig):
    """Nodes: what can be written, translated and published; pages, posts and topics specialise them."""

    name = "apps.content"
    slug = "content"
    verbose_name = _("Content")
    description = _("What can be written, translated and published.")
    requires = ("accounts", "index")
