"""Real PostgreSQL, Valkey and NATS from wheels, for `make demo` and `make test` on a bare machine."""

from rustok.embedded.home import EmbeddedError, current_home, development_settings
from rustok.embedded.servers import discover, running

__all__ = ["EmbeddedError", "current_home", "development_settings", "discover", "running"]
