"""Fetching the images that a file names."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import urlsplit

__all__ = ["Fetcher", "ImageNotFetched"]

#: Bytes of one image, and seconds to wait for it.
MAX_BYTES, TIMEOUT = 20_000_000, 10
#: Failed connections in a row after which the network counts as away.
PATIENCE = 3


class ImageNotFetched(Exception):
    """Why an image is not there."""


class Fetcher:
    """Fetches images one after another; gives up on all when the network is away."""

    def __init__(self, *, enabled: bool = True) -> None:
        self._enabled = enabled
        self._failures = 0

    def fetch(self, url: str) -> bytes:
        """Answer the bytes behind an address.

        :raises ImageNotFetched: with the reason
        """
        if not self._enabled:
            raise ImageNotFetched("images were not asked for")
        if urlsplit(url).scheme not in ("http", "https"):
            raise ImageNotFetched("only http and https addresses are fetched")
        if self._failures >= PATIENCE:
            raise ImageNotFetched("the network is away")
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 (scheme is checked above)
                raw: bytes = answer.read(MAX_BYTES + 1)
        except urllib.error.HTTPError as error:
            raise ImageNotFetched(f"the server answered {error.code}") from None
        except (OSError, ValueError) as error:
            self._failures += 1
            raise ImageNotFetched(f"no connection ({type(error).__name__})") from None
        self._failures = 0
        if len(raw) > MAX_BYTES:
            raise ImageNotFetched("it is larger than 20 MB")
        return raw
