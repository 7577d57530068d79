"""Events, handlers and a page that exist to be broken; only `tests.faults.settings` installs them."""
