"""Fetching the images that a file names: whoever wrote the file wrote the addresses."""

from __future__ import annotations

from rustok.kernel.errors import DomainError
from rustok.kernel.outbound import AnswerTooLarge, TooSlow, Unreachable, fetch

__all__ = ["Fetcher", "ImageNotFetched"]

#: Bytes of one image, and seconds to wait for all of it.
MAX_BYTES, TIMEOUT = 20_000_000, 20.0
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
        """Answer the bytes behind an address, from public places alone; whether they are an image is told later.

        :raises ImageNotFetched: with the reason
        """
        if not self._enabled:
            raise ImageNotFetched("images were not asked for")
        if self._failures >= PATIENCE:
            raise ImageNotFetched("the network is away")
        try:
            answer = fetch(url, max_bytes=MAX_BYTES, seconds=TIMEOUT)
        except AnswerTooLarge:
            raise ImageNotFetched(f"it is larger than {MAX_BYTES // 1_000_000} MB") from None
        except DomainError as error:
            self._failures += isinstance(error, Unreachable | TooSlow)
            raise ImageNotFetched(error.detail) from None
        self._failures = 0
        if answer.status != 200:
            raise ImageNotFetched(f"the server answered {answer.status}")
        return answer.content
