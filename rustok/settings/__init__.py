"""Settings: every value from the environment, a wrong one stops the start with one clear line.

One module for Django, a file for each concern; docs/guides/operations.md has all variables in one table. What is only
words stands elsewhere: how the admin looks (`rustok.admin_site`), what the reference says (`rustok.api_reference`).
"""

# ruff: noqa: F401, F403

from rustok.admin_site import UNFOLD
from rustok.api_reference import SPECTACULAR_SETTINGS
from rustok.settings.accounts import *
from rustok.settings.background import *
from rustok.settings.basics import *
from rustok.settings.edges import *
from rustok.settings.files import *
from rustok.settings.mail import *
from rustok.settings.modules import *
from rustok.settings.safety import *
from rustok.settings.servers import *
from rustok.settings.watching import *
