"""A machine whose power can be cut: user-mode Linux with one disk image. Its page cache lives in its processes' memory,
so killing them loses whatever was not synced, as a power cut does. It boots from the host's own files, read only."""

import os
import re
import shutil
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from common import BUILD, ROOT, Failure, wait_for

KERNEL = "linux.uml"
MEMORY = "768M"
DISK_BYTES = 512 * 1024 * 1024
BOOT_SECONDS = 180.0
DEATH_SECONDS = 60.0
GUEST = ROOT / "tests" / "faults" / "guest.py"
LINES_SHOWN = 15
INIT = """\
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run PYTHONDONTWRITEBYTECODE=1 ELSEC_BUILD={build}
mount -t proc proc /proc
mount -t tmpfs run /run
ip link set lo up
mount -t ext4 /dev/ubda /mnt && /usr/bin/python3 {guest} {arguments} </dev/null 2>&1
umount /mnt
halt -f -d
"""


def make_disk(image: Path) -> None:
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    done = subprocess.run(["/usr/sbin/mkfs.ext4", "-q", "-F", image], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"mkfs.ext4: {done.stderr.strip()}")


def _session_of(process: int) -> int | None:
    """None for a process that is gone, or dead and not yet buried (proc(5), fields 3 and 6)."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[3])


def _has_open(process: int, image: Path) -> bool:
    try:
        return any(os.readlink(each) == str(image) for each in Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return False  # it ended while we looked


def _processes_of(session: int, image: Path) -> list[int]:
    """Some leave the process group, some the session, and some have closed the image: none does all of it."""
    running = [int(each.name) for each in Path("/proc").glob("[0-9]*")]
    return [each for each in running if (found := _session_of(each)) is not None
            and (found == session or _has_open(each, image))]


class Machine:
    """Runs tests/faults/guest.py with the image at /mnt; the guest's lines arrive as they are written."""

    def __init__(self, image: Path, arguments: list[str]) -> None:
        if not shutil.which(KERNEL):
            raise Failure("the package user-mode-linux is needed (./dev setup)")
        self._image = image.resolve()
        self.lines: list[str] = []
        init = self._image.with_suffix(".init")
        init.write_text(INIT.format(build=BUILD, guest=GUEST, arguments=" ".join(arguments)))
        init.chmod(0o755)
        self._kernel = subprocess.Popen(
            [KERNEL, f"mem={MEMORY}", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
             f"init={init}", f"ubd0={self._image}", "con=null", "con0=fd:0,fd:1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._kernel.stdout or ():
            self.lines.append(line.decode(errors="replace").rstrip())

    def has_ended(self) -> bool:
        return self._kernel.poll() is not None and not self._reader.is_alive()

    def wait_for(self, pattern: str, seconds: float = BOOT_SECONDS) -> str:
        """The first line of the guest that matches as a whole."""

        def look() -> str | None:
            found = next((line for line in list(self.lines) if re.fullmatch(pattern, line)), None)
            if not found and self.has_ended():
                raise Failure(f"the machine ended before it said {pattern}:\n{self.last_words()}")
            return found

        try:
            return wait_for(f"the machine to say {pattern}", look, seconds)
        except Failure as late:
            raise Failure(f"{late}:\n{self.last_words()}") from None

    def wait_until_off(self, seconds: float = BOOT_SECONDS) -> None:
        wait_for("the machine to halt", self.has_ended, seconds)
        self.cut()

    def last_words(self) -> str:
        return "\n".join(self.lines[-LINES_SHOWN:])

    def cut(self) -> None:
        """The power is gone: nothing of the machine runs any more when this returns. Its lines are complete then.

        Each program of the guest is a process here, whose system calls the kernel catches. Were the kernel killed
        first, they would go on by themselves, with the host's system calls: so it is stopped, and killed last.
        """
        if self._kernel.poll() is None:
            self._kernel.send_signal(signal.SIGSTOP)
            self._kill_all(sparing=self._kernel.pid)
            self._kernel.kill()
        self._kill_all(sparing=None)
        self._kernel.wait()
        self._reader.join(DEATH_SECONDS)

    def _kill_all(self, sparing: int | None) -> None:
        def nobody_is_left() -> bool:
            left = [each for each in _processes_of(self._kernel.pid, self._image) if each != sparing]
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            return not left

        wait_for("the machine's processes to die", nobody_is_left, DEATH_SECONDS, pause=0.005)
