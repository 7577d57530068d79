"""Creating, changing, moving and ending tenants, one file per use."""

from apps.tenant.services.creating import begin_creation, create_tenant
from apps.tenant.services.deleting import begin_deletion, due_deletions
from apps.tenant.services.domains import add_domain, make_primary, remove_domain, verify_domain
from apps.tenant.services.exporting import begin_export, delete_old_archives, download
from apps.tenant.services.importing import begin_import
from apps.tenant.services.jobs import cancel_job, continue_job, install_sender, is_long, retry_job, run, unattended
from apps.tenant.services.lapsing import look_again
from apps.tenant.services.migrating import begin_migration, migrate_here, migrate_shared, something_is_behind
from apps.tenant.services.modules import Switched, disable_module, enable_module, goes_along
from apps.tenant.services.settings import change_settings, set_limits
from apps.tenant.services.suspending import GRACE_DAYS, leave_tenant, resume_tenant, suspend_tenant
from apps.tenant.services.tenants import update_tenant
from apps.tenant.services.vouching import name_domain, take_domain

__all__ = [
    "GRACE_DAYS", "Switched", "add_domain", "begin_creation", "begin_deletion", "begin_export", "begin_import",
    "begin_migration", "cancel_job", "change_settings", "continue_job", "create_tenant", "delete_old_archives",
    "disable_module", "download", "due_deletions", "enable_module", "goes_along", "install_sender", "is_long",
    "leave_tenant", "look_again", "make_primary", "migrate_here", "migrate_shared", "name_domain", "remove_domain",
    "resume_tenant", "retry_job", "run", "set_limits", "something_is_behind", "suspend_tenant", "take_domain",
    "unattended", "update_tenant", "verify_domain",
]  # fmt: skip
