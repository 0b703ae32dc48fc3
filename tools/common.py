"""What the tools share: where things are, and how they speak."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

ROOT = Path(__file__).resolve().parent.parent
# ELSEC_BUILD names another build, for example build/asan, or a copy that a build under way does not touch.
BUILD = Path(os.environ.get("ELSEC_BUILD") or ROOT / "build" / "release").resolve()
ELSECD = BUILD / "elsecd"
ELSEC = BUILD / "elsec"

T = TypeVar("T")


class Failure(Exception):
    """Something did not work; the text is for people."""


def say(text: str) -> None:
    print(text, flush=True)


def leave(text: str, status: int = 1) -> NoReturn:
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(status)


def clean_environment() -> dict[str, str]:
    """The environment without settings of elSec, for a node reads its file only, and without proxies, for the nodes of
    tests and demo are on this computer."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("ELSEC_") and not name.lower().endswith("_proxy")}


def wait_for(what: str, look: Callable[[], T | None], seconds: float, pause: float = 0.05) -> T:
    """The first answer of `look` that is neither None nor False; a Failure when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds:g} s for {what}")
        time.sleep(pause)


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Readers see the old file or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def _terminated(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


@contextmanager
def failures_end_the_program() -> Iterator[None]:
    """For a tool's main(): failures become a line and a status, and SIGTERM cleans up like Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    except Failure as failure:
        leave(f"error: {failure}")
    except KeyboardInterrupt:
        leave("interrupted", 130)
