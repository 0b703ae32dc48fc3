"""What a fault test is: a named case that raises when a promise is broken."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scale:
    """How much of it: `./dev test` runs every case small, `./dev torture` in full."""

    full: bool
    seed: int

    def pick(self, small: int, full: int) -> int:
        return full if self.full else small


@dataclass(frozen=True)
class Case:
    """`run` gets an empty folder of its own. It returns one line of figures for people, and raises `common.Failure`
    (or anything else) when what it shows does not hold."""

    name: str
    requirement: str
    run: Callable[[Scale, Path], str]
    in_short_run: bool = True
