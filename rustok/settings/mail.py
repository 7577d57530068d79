"""Mail, and the links in it."""

from pathlib import Path

from rustok.settings.basics import DEBUG, DEMO, HOME, env
from rustok.settings.safety import HTTPS

#: smtp://user:password@host:587?starttls=1, smtps://host, file:///folder or console:
EMAIL_URL = env.text("EMAIL_URL", f"file://{HOME / 'mailbox'}" if DEBUG or DEMO else "smtp://localhost")
_mail = env.mail("EMAIL_URL", EMAIL_URL)
EMAIL_BACKEND = str(_mail["BACKEND"])
EMAIL_HOST, EMAIL_PORT = str(_mail["HOST"]), _mail["PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = str(_mail["USER"]), str(_mail["PASSWORD"])
EMAIL_USE_TLS, EMAIL_USE_SSL = bool(_mail["STARTTLS"]), bool(_mail["SSL"])
EMAIL_TIMEOUT = 10
#: Where mails go that are kept in files, to be read at `/mailbox/`.
MAILBOX_DIR = Path(str(_mail["FOLDER"] or HOME / "mailbox"))
#: Whether the platform's host shows them: every link in them is a key.
MAILBOX = DEBUG or DEMO
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "RusToK <no-reply@localhost>")
#: The port in links that are mailed; 0: the usual one of http or https.
_plain_port = env.number("PORT", 8_000, low=0, high=65_535) if (DEBUG or DEMO) and not HTTPS else 0
SITE_PORT = env.number("SITE_PORT", _plain_port, low=0, high=65_535)
