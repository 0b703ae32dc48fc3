"""What the fault tests measure from outside: a node's memory, descriptors and threads, and how fast it answers others."""

import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from common import Failure, clean_environment
from network import NodeEntry

MIB = 1024 * 1024
SAMPLE_SECONDS = 0.1
PROBER = Path(__file__).with_name("prober.py")
PROBER_END_SECONDS = 60.0


def rss_anon(pid: int) -> int:
    """Bytes of memory that are the process's own: pages of a memory map are the kernel's cache."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise Failure(f"process {pid} has no RssAnon")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


class MemoryWatch:
    """Samples RssAnon of some processes until the block ends."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._highest = dict.fromkeys(pids, 0)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _what: BaseException | None,
                 _where: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.is_set():
            for name, pid in self._pids.items():
                try:
                    self._highest[name] = max(self._highest[name], rss_anon(pid))
                except OSError:
                    continue  # it died: whoever talks to it notices
            self._over.wait(SAMPLE_SECONDS)

    def highest(self) -> dict[str, int]:
        return dict(self._highest)

    def check(self, limit: int) -> str:
        """The figures, once they are all below the limit."""
        text = ", ".join(f"{name} {found / MIB:.0f} MiB" for name, found in self._highest.items())
        if any(found >= limit for found in self._highest.values()):
            raise Failure(f"RssAnon reached {text}; the limit is {limit / MIB:.0f} MiB")
        return f"RssAnon at most {text}"


@dataclass(frozen=True)
class Target:
    """A request that is made again and again."""

    name: str
    node: NodeEntry
    token: str
    path: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "url": self.node.url, "ca_file": self.node.ca_file, "token": self.token,
                "path": self.path}


@dataclass(frozen=True)
class Latency:
    """Milliseconds from when a request was due to its whole answer; `failed` counts those without a 200."""

    taken: list[float]
    failed: int

    def percentile(self, part: float) -> float:
        if not self.taken:
            return math.inf
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)]

    def __str__(self) -> str:
        if not self.taken:
            return f"no answer, {self.failed} failed"
        failed = f", {self.failed} failed" if self.failed else ""
        return (f"p50 {self.percentile(0.5):.1f} p99 {self.percentile(0.99):.1f} max {max(self.taken):.1f} ms "
                f"of {len(self.taken)}{failed}")


class Prober:
    """Small requests at a steady rate from a process of its own, so that the load this process makes is not in them."""

    def __init__(self, targets: list[Target], per_second: int = 50) -> None:
        self._child = subprocess.Popen([sys.executable, PROBER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       text=True, env=clean_environment())
        self._say(json.dumps({"per_second": per_second, "targets": [each.as_json() for each in targets]}))

    def _say(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def phase(self, name: str) -> None:
        """What is due from now on counts under this name."""
        self._say(name)

    def finish(self) -> dict[str, dict[str, Latency]]:
        """By phase and target."""
        output, _ = self._child.communicate(timeout=PROBER_END_SECONDS)
        if self._child.returncode != 0:
            raise Failure(f"the prober ended with status {self._child.returncode}")
        return {phase: {name: Latency(**each) for name, each in found.items()}
                for phase, found in json.loads(output).items()}

    def kill(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
            self._child.communicate()


@contextmanager
def probing(targets: list[Target], per_second: int = 50) -> Iterator[Prober]:
    prober = Prober(targets, per_second)
    try:
        yield prober
    finally:
        prober.kill()


def describe(found: dict[str, dict[str, Latency]]) -> str:
    return "; ".join(f"{phase}: " + ", ".join(f"{name} {each}" for name, each in by_target.items())
                     for phase, by_target in found.items())


def check_p99(found: dict[str, dict[str, Latency]], limit_ms: float) -> str:
    """The figures, once nothing failed and every p99 is below the limit."""
    text = describe(found)
    for phase, by_target in found.items():
        for name, each in by_target.items():
            if each.failed or each.percentile(0.99) >= limit_ms:
                raise Failure(f"{phase}, {name}: p99 must stay below {limit_ms:g} ms without a failure: {text}")
    return text
