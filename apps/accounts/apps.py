from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class AccountsConfig(ModuleConfig):
    """Users of one tenant, and how they log in."""

    name = "apps.accounts"
    slug = "accounts"
    verbose_name = _("Accounts")
    description = _("People, and how they log in.")
