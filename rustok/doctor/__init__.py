"""What must hold for the platform to be well, each with what to do if it does not: `manage.py doctor`."""

from rustok.doctor import audit_log, database, domains, files, safety, schemas, servers, triggers, work  # noqa: F401  they register their checks
from rustok.doctor.findings import CHECKS, Check, Finding, Level, examine

__all__ = ["CHECKS", "Check", "Finding", "Level", "examine"]
