"""The processes of a development network: started free of their caller, watched and ended by process id."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common import ELSECD, Failure, clean_environment, wait_for

STOP_SECONDS = 5.0   # what an orderly shutdown may take
DEATH_SECONDS = 10.0  # after SIGKILL; the kernel may have much memory to give back


@dataclass(frozen=True)
class Process:
    """A process and its start time, which tells it from a later one with the same id."""

    pid: int
    started: int  # clock ticks since the machine's start


def _stat(pid: int) -> tuple[str, int] | None:
    """State letter and start time, or None when there is no such process (proc(5), fields 3 and 22)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return fields[0], int(fields[19])


def _has_threads_left(pid: int) -> bool:
    """A process counts as a zombie as soon as its first thread is gone, while others may still hold its files."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def is_alive(process: Process) -> bool:
    about = _stat(process.pid)
    if about is None or about[1] != process.started:
        return False
    return about[0] not in "ZX" or _has_threads_left(process.pid)


def start(configuration: Path, log: Path, options: Sequence[str] = ()) -> tuple[Process, subprocess.Popen[bytes]]:
    """Starts elsecd in a session of its own; it holds no descriptor of ours but its log."""
    with open(log, "ab") as output:
        child = subprocess.Popen([ELSECD, "--config", configuration, *options], stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=output, cwd=configuration.parent, env=clean_environment(), close_fds=True,
                                 start_new_session=True, umask=0o077)
    about = _stat(child.pid)
    if about is None:
        raise Failure("elsecd was gone at once")
    return Process(child.pid, about[1]), child


def _signal(process: Process, number: signal.Signals, group: bool) -> None:
    if not is_alive(process):
        return
    try:
        os.killpg(process.pid, number) if group else os.kill(process.pid, number)
    except ProcessLookupError:
        pass


def kill(process: Process) -> None:
    """SIGKILL to the node and its children; returns when it is really dead."""
    _signal(process, signal.SIGKILL, group=True)
    wait_for(f"the death of process {process.pid}", lambda: not is_alive(process), DEATH_SECONDS, pause=0.01)


def stop(processes: list[Process]) -> list[Process]:
    """Asks all to stop, kills those that have not after STOP_SECONDS, and answers which those were."""
    for process in processes:
        _signal(process, signal.SIGTERM, group=False)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(map(is_alive, processes)):
        time.sleep(0.02)
    stubborn = [process for process in processes if is_alive(process)]
    for process in stubborn:
        kill(process)
    return stubborn
