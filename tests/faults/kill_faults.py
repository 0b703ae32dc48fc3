"""Nodes that are killed at any moment lose nothing they have answered for, and do nothing twice."""

import random
from pathlib import Path

import clinics
import network
import promises
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import wait_for

MOMENT_SECONDS = 600.0  # until the next kill is due; dispatches go on meanwhile


def two_per_node(entries: list[NodeEntry]) -> list[Clinic]:
    made = [clinics.found_clinic(f"Klinik Musterstadt {i}", entry) for i, entry in enumerate([*entries, *entries], 1)]
    clinics.introduce(made)
    return made


def kill_9_at_random_moments(scale: Scale, folder: Path) -> str:
    """The moments are spread over the whole run: each kill waits for its share of the dispatches, and then for a few
    milliseconds by chance, so that it meets uploads, transfers, letters and starts alike."""
    kills, dispatches = scale.pick(8, 50), scale.pick(40, 200)
    chance = random.Random(scale.seed)
    with clinics.running(folder / "network") as entries:
        ledger = promises.Ledger(two_per_node(entries))
        room = promises.print_room_of(entries)
        errands = promises.mixed(ledger.clinics, dispatches, scale.seed)
        traffic = promises.Traffic(errands, ledger, scale.seed)
        for number in range(kills):
            due = dispatches * number // kills
            wait_for(f"{due} dispatches", lambda due=due: ledger.count() >= due or not traffic.is_working(),
                     MOMENT_SECONDS, pause=chance.uniform(0.001, 0.06))
            room.collect()
            name = chance.choice(entries).name
            network.kill(folder / "network", name)
            network.start(folder / "network", [name])
        traffic.finish()
        figures = promises.check(ledger, room)
        # What would be repeated after a start shows only after one.
        for entry in entries:
            network.kill(folder / "network", entry.name)
        network.start(folder / "network", [])
        promises.check(ledger, room)
        return f"{kills} kills, {figures}"


CASES = [Case("kill_9_at_random_moments", "R19", kill_9_at_random_moments)]
