"""Small disks of memory, mounted under a node's folders. Mounting takes root."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from common import Failure

BLOCK_BYTES = 65_536


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure(f"{command[0]} objects: {done.stderr.strip()}")


class SmallDisks:
    """Unmounts them at the end of the block."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise Failure("mounting a small disk takes root; run this case as root")
        self._mounted: list[Path] = []

    def __enter__(self) -> "SmallDisks":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        for folder in reversed(self._mounted):
            with suppress(Failure):
                _run("umount", "--lazy", folder)

    def put_under(self, folder: Path, size_bytes: int) -> None:
        """The folder's content moves onto the new disk; nobody may have it open."""
        aside = folder.with_name(folder.name + ".aside")
        folder.rename(aside)
        folder.mkdir(mode=0o700)
        _run("mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0700", "elsec-small-disk", folder)
        self._mounted.append(folder)
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(aside)

    @staticmethod
    def resize(folder: Path, size_bytes: int) -> None:
        _run("mount", "-o", f"remount,size={size_bytes}", folder)


def ballast(folder: Path) -> Path:
    """A file that takes the last free byte."""
    path = folder / "ballast"
    with open(path, "wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(BLOCK_BYTES)) == BLOCK_BYTES:
            pass
    return path
