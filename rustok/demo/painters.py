"""Draws pictures in processes of their own; knows no Django, so that it can begin before there is a database."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType

from rustok.demo import art
from rustok.demo.art.look import Picture
from rustok.demo.sites import SITES, load_shop

__all__ = ["Painters"]


class Painters:
    """Draw what is asked for, in that order, each picture once, beside whoever asks."""

    def __init__(self) -> None:
        hands = max(1, (os.cpu_count() or 1) - 1)  # one processor is for whoever asks
        self._pool = ProcessPoolExecutor(min(3, hands), mp_context=get_context("spawn"))
        self._drawings: dict[Picture, Future[art.Drawing]] = {}

    def __enter__(self) -> Painters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def draw_ahead(self) -> None:
        """Begin with all that the demo shows, the first shop first."""
        for slug in SITES:
            self.draw(load_shop(slug).pictures())

    def draw(self, pictures: Iterable[Picture]) -> None:
        """Begin pictures that are not begun."""
        for picture in pictures:
            if picture not in self._drawings:
                self._drawings[picture] = self._pool.submit(art.draw, picture)

    def __getitem__(self, picture: Picture) -> art.Drawing:
        """Answer a picture that was begun, waiting until it is done."""
        return self._drawings[picture].result()
