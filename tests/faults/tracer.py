"""Faults in system calls, by strace attached to a running node: which calls it makes, and then one of them struck.

strace counts `when=N` by thread. Each file of a node is written by one thread only, so calls are counted by file; and
only the postal office uses fsync, rename and unlink, so those need no file (the names in the spool change).
"""

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common import Failure, wait_for
from node_config import NodeFiles

ATTACH_SECONDS = 30.0
BY_FILE = ("pwrite64", "pwritev", "pwritev2", "writev", "write", "fdatasync", "msync", "ftruncate", "fallocate")
BY_POST = ("fsync", "renameat", "renameat2", "unlinkat", "linkat")
SPOOL = "spool"


@dataclass(frozen=True)
class Call:
    """The `number`-th call of this kind that concerns this file, once strace is attached."""

    name: str
    number: int
    file: str  # SPOOL, or one of files_of()

    def __str__(self) -> str:
        return f"{self.name} {self.number} on {self.file}"


def files_of(node: NodeFiles) -> dict[str, Path]:
    return {"state": node.data / "state" / "data.mdb", "content": node.data / "content" / "data.mdb",
            "slots": node.slots / "slots"}


def threads_of(pid: int) -> list[int]:
    return sorted(int(each) for each in os.listdir(f"/proc/{pid}/task"))


def _is_traced(thread: int) -> bool:
    try:
        status = Path(f"/proc/{thread}/status").read_text()
    except OSError:
        return True  # it is gone, and so nothing to wait for
    # A node writes of its own accord, too: it may be struck, and dead, before every thread is traced.
    dead = re.search(r"^State:\t[ZX]", status, re.MULTILINE) is not None
    return dead or "TracerPid:\t0\n" not in status


@contextmanager
def _attached(pid: int, arguments: list[str], log: Path) -> Iterator[None]:
    if not shutil.which("strace"):
        raise Failure("the package strace is needed (./dev setup)")
    threads = threads_of(pid)
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-y", "-o", str(log), "-p", str(pid), *arguments],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        def is_attached() -> bool:
            if tracer.poll() == -signal.SIGKILL:  # strace ends as the node has ended: struck already
                return True
            if tracer.poll() not in (None, 0):
                raise Failure(f"strace cannot attach: {tracer.stderr.read() if tracer.stderr else ''}")
            return all(map(_is_traced, threads))

        wait_for("strace to attach", is_attached, ATTACH_SECONDS, pause=0.01)
        yield
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)  # it lets go of the node and leaves it running
        try:
            tracer.communicate(timeout=ATTACH_SECONDS)
        except subprocess.TimeoutExpired:
            tracer.kill()
            tracer.communicate()


@contextmanager
def watched(pid: int, node: NodeFiles, log: Path) -> Iterator[list[Call]]:
    """Fills the list with the calls that concern the node's files, when the block ends."""
    found: list[Call] = []
    with _attached(pid, ["-e", f"trace={','.join((*BY_FILE, *BY_POST))}"], log):
        yield found
    found += calls_in(log.read_text(errors="replace"), node)


def calls_in(log: str, node: NodeFiles) -> list[Call]:
    files = {str(path): kind for kind, path in files_of(node).items()}
    counted: Counter[tuple[str, str]] = Counter()
    calls = []
    for line in log.splitlines():
        begun = re.match(r"\d+\s+(\w+)\(\d+<([^>]*)>", line)
        if not begun:
            continue
        name = begun[1]
        file = files.get(begun[2]) if name in BY_FILE else SPOOL
        if file:
            counted[name, file] += 1
            calls.append(Call(name, counted[name, file], file))
    return calls


@contextmanager
def struck(pid: int, node: NodeFiles, call: Call, fault: str, log: Path) -> Iterator[None]:
    """`fault` as strace writes it: signal=KILL, error=EIO."""
    only = [] if call.file == SPOOL else ["-P", str(files_of(node)[call.file])]
    strike = ["-e", f"trace={call.name}", "-e", f"inject={call.name}:{fault}:when={call.number}"]
    with _attached(pid, [*only, *strike], log):
        yield
