from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class AccountsConfig(ModuleConfig):
    """Users of one tenant, and how they log in."""

    name = "apps.accounts"
    slug = "accounts"
    verbose_name = _("Accounts")
    description = _("People, and how they log in.")
    requires = ("tenant",)

    def ready(self) -> None:
        """Mark every browser session with who logged in to it; Django tells of logins whoever asks for them.

        Django's own receiver, which notes the moment, goes: `note_login` has to know the one before.
        """
        from django.contrib.auth.signals import user_logged_in

        from apps.accounts.services.browser_sessions import note_login

        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_login, dispatch_uid="accounts.note_login")
        super().ready()
