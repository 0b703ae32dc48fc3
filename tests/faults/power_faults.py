"""What was answered for is there after a power cut: two nodes and their clients in a machine that loses its memory."""

import json
import random
import re
import shutil
from pathlib import Path

import uml
from case import Case, Scale
from common import Failure, wait_for

CONTROL_NUMBERS = 300   # told before the control's power goes
WORK_SECONDS = 240.0
ERRANDS_PER_LIFE = 1_000_000
TOLD = re.compile(r"(UPLOADED|DISPATCHED|PRINTED|BEGUN|ANSWERED) \{.*\}")


def numbers_after_a_cut(folder: Path, how: str) -> tuple[int, int]:
    """How many numbers the control had told, and how many are on the disk."""
    image = folder / f"control-{how}.img"
    uml.make_disk(image)
    machine = uml.Machine(image, ["control", how])
    try:
        machine.wait_for(rf'NUMBER {{"number": {CONTROL_NUMBERS}}}')
    finally:
        machine.cut()
    told = [json.loads(line.split(" ", 1)[1])["number"] for line in machine.lines
            if re.fullmatch(r"NUMBER \{.*\}", line)]
    machine = uml.Machine(image, ["count"])
    try:
        line = machine.wait_for(r"COUNTED \{.*\}")
    finally:
        machine.cut()
        image.unlink()
    return told[-1], json.loads(line.split(" ", 1)[1])["numbers"]


def the_rig_loses_what_was_not_synced(_scale: Scale, folder: Path) -> str:
    told, found = numbers_after_a_cut(folder, "synced")
    if found < told:
        raise Failure(f"{told} numbers were synced and told, {found} are there: the rig loses too much")
    lost_told, lost_found = numbers_after_a_cut(folder, "unsynced")
    if lost_found >= lost_told:
        raise Failure(f"{lost_found} of {lost_told} unsynced numbers are there: this rig shows nothing")
    return f"synced: {told} told, {found} there; unsynced: {lost_told} told, {lost_found} there"


class Cuts:
    """One life after the other, each on a copy of the disk the last one left behind."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed
        self._chance = random.Random(seed)
        self._lives = 0
        self.told: list[str] = []
        self.image = folder / "disk-0.img"
        uml.make_disk(self.image)
        machine = uml.Machine(self.image, ["prepare"])
        try:
            machine.wait_for(r"PREPARED \{\}")
            machine.wait_until_off()
        finally:
            machine.cut()

    def live(self, work: bool) -> str:
        """Checks what was promised before, makes new promises until the power goes. Answers the check's figures."""
        self._lives += 1
        promises_file = self._folder / "promises.txt"
        promises_file.write_text("".join(f"{line}\n" for line in self.told))
        first = self._lives * ERRANDS_PER_LIFE
        machine = uml.Machine(self.image, ["serve", str(self._seed), str(first), str(promises_file)])
        try:
            verdict = machine.wait_for(r"VERDICT \{.*\}", WORK_SECONDS)
            if work:
                self._wait_for_work(machine)
        finally:
            machine.cut()
            (self._folder / f"machine-{self._lives}.log").write_text("\n".join(machine.lines))
        if failed := [line for line in machine.lines if line.startswith("FAILED")]:
            raise Failure("; ".join(failed))
        self.told += [line for line in machine.lines if TOLD.fullmatch(line)]
        self._next_disk()
        return json.loads(verdict.split(" ", 1)[1])["figures"]

    def _wait_for_work(self, machine: uml.Machine) -> None:
        """Until a few dispatches were promised, and then a moment by chance."""
        wanted = self._chance.randint(2, 10)
        begun = sum(line.startswith("DISPATCHED") for line in machine.lines)
        wait_for(f"{wanted} more dispatches", lambda: sum(
            line.startswith("DISPATCHED") for line in list(machine.lines)) >= begun + wanted, WORK_SECONDS,
                 pause=self._chance.uniform(0.001, 0.2))

    def _next_disk(self) -> None:
        image = self._folder / f"disk-{self._lives}.img"
        shutil.copyfile(self.image, image)
        self.image.unlink()
        self.image = image


def power_cut(scale: Scale, folder: Path) -> str:
    cuts = scale.pick(1, 20)
    machine = Cuts(folder, scale.seed)
    for _ in range(cuts):
        machine.live(work=True)
    figures = machine.live(work=False)
    return f"{cuts} power cuts during work; {figures}"


CASES = [Case("the_rig_loses_what_was_not_synced", "R19", the_rig_loses_what_was_not_synced),
         Case("power_cut", "R19", power_cut)]
