from rustok.kernel.modules import ModuleConfig


class AccountsConfig(ModuleConfig):
    """Users of one tenant, and how they log in."""

    name = "apps.accounts"
    slug = "accounts"
    verbose_name = "Accounts"
    requires = ("tenant", "outbox")
