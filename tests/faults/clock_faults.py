"""A node whose clock is wrong, or jumps, still does what it was asked, once; only credentials end too early or late."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import clinics
import network
import promises
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for, write_atomically
from kill_faults import two_per_node

LIBRARY = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime" / "libfaketimeMT.so.1"
HOUR, DAY = 3_600, 86_400
DISPATCH_SECONDS = 300.0
ENDED_SECONDS = 30.0
# The longest a session may last: the jumps are not to end those the test works with.
PATIENT_SESSIONS = ["limits.session_idle_minutes=1440", "limits.session_hours_max=168"]
UNAUTHENTICATED = 401


class Clock:
    """What the processes started under it take for the time of day; the steady clock stays right, as it does on a real
    machine whose time is set."""

    def __init__(self, folder: Path) -> None:
        if not LIBRARY.exists():
            raise Failure(f"there is no {LIBRARY}; ./dev setup installs it")
        self._file = folder / "clock-offset"
        self.set(0)

    def set(self, seconds: int) -> None:
        write_atomically(self._file, f"{seconds:+d}s\n")

    @contextlib.contextmanager
    def rules(self) -> Iterator[None]:
        """For every process that is started inside."""
        names = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_RESET": "1", "DONT_FAKE_MONOTONIC": "1"}
        before = {name: os.environ.get(name) for name in names}
        os.environ.update(names)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def restart(folder: Path, name: str, clock: Clock) -> None:
    network.kill(folder, name)
    with clock.rules():
        network.start(folder, [name])


def work(traffic: promises.Traffic, room: promises.PrintRoom) -> None:
    wait_for("the clients to finish", lambda: room.collect() or not traffic.is_working(), DISPATCH_SECONDS)
    traffic.finish()


def jump_while_working(traffic: promises.Traffic, clock: Clock, room: promises.PrintRoom,
                       chance: random.Random) -> int:
    """An hour ahead and back again, for as long as there is work."""
    jumps = 0

    def jump() -> bool:
        nonlocal jumps
        clock.set(chance.choice((-HOUR, 0, HOUR)))
        jumps += 1
        room.collect()
        return not traffic.is_working()

    wait_for("the clients to finish", jump, DISPATCH_SECONDS, pause=0.1)
    traffic.finish()
    clock.set(0)
    return jumps


def check_sessions_end(clinic: Clinic, clock: Clock) -> None:
    """A session is over when the node's clock says so, and a new one can be had at once."""
    clock.set(8 * DAY)

    def has_ended() -> bool:
        return clinic.client.try_to_send("GET", "/api/v1/organisation", None, {}).status == UNAUTHENTICATED

    wait_for("the session to end", has_ended, ENDED_SECONDS)
    later = clinics.found_clinic("Klinik Später", clinic.node)
    if later.client.try_to_send("GET", "/api/v1/organisation", None, {}).status != 200:
        raise Failure("a session begun eight days ahead is not valid there")


def wrong_clocks(scale: Scale, folder: Path) -> str:
    count = scale.pick(12, 150)
    chance, clock = random.Random(scale.seed), Clock(folder)
    where = folder / "network"
    with clinics.running(where, 2, PATIENT_SESSIONS) as entries:
        made = two_per_node(entries)
        ledger, room = promises.Ledger(made), promises.print_room_of(entries)
        for number, offset in enumerate((DAY, -DAY)):
            clock.set(offset)
            restart(where, "node2", clock)
            work(promises.Traffic(promises.mixed(made, count, scale.seed, number * count), ledger, scale.seed), room)
        clock.set(0)
        restart(where, "node2", clock)  # a session last used a day ago would be idle
        traffic = promises.Traffic(promises.mixed(made, 2 * count, scale.seed, 2 * count), ledger, scale.seed)
        jumps = jump_while_working(traffic, clock, room, chance)
        figures = promises.check(ledger, room)
        check_sessions_end(made[1], clock)
        return f"a day ahead, a day behind, {jumps} jumps of an hour; {figures}"


CASES = [Case("wrong_clocks", "R19", wrong_clocks)]
