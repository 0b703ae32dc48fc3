"""A node whose clock is wrong, or jumps, still does what it was asked, once; only credentials end too early or late.
What cannot be undone waits after a jump until the operator has looked at the clock."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import clinics
import network
import promises
from api import Json
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for, write_atomically
from kill_faults import two_per_node
from network import NodeEntry

LIBRARY = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime" / "libfaketimeMT.so.1"
HOUR, DAY = 3_600, 86_400
DISPATCH_SECONDS = 300.0
ENDED_SECONDS = 30.0
NOTICED_SECONDS = 60.0  # the node looks at its clock every few seconds
LETTER_SECONDS = 60.0
GRACE_SECONDS = 3_600
AHEAD = DAY - HOUR      # a letter is due then, and a session not yet idle
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


def clock_state(node: NodeEntry) -> Json:
    return clinics.operator(node).get("/operator/v1/clock")


def confirm(node: NodeEntry) -> None:
    """The operator has looked at the clock as it is now."""
    clinics.operator(node).send("POST", "/operator/v1/clock/resume", {"reason": "Probe"})


def wait_for_pause(node: NodeEntry, jumped: int) -> None:
    """Until the node has noticed a jump of about so many seconds."""

    def is_noticed() -> bool:
        state = clock_state(node)
        return state["paused"] and abs(state["jumped_seconds"] - jumped) < 2

    wait_for(f"{node.name} to notice a jump of {jumped} s", is_noticed, NOTICED_SECONDS)


def metric(node: NodeEntry, name: str) -> float:
    text = clinics.operator(node).send("GET", "/metrics").body.decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def restart(folder: Path, name: str, clock: Clock) -> None:
    network.kill(folder, name)
    with clock.rules():
        network.start(folder, [name])


def work(traffic: promises.Traffic, room: promises.PrintRoom) -> None:
    wait_for("the clients to finish", lambda: room.collect() or not traffic.is_working(), DISPATCH_SECONDS)
    traffic.finish()


def jump_while_working(traffic: promises.Traffic, clock: Clock, node: NodeEntry, room: promises.PrintRoom,
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
    confirm(node)  # or letters would wait for an hour
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
        jumps = jump_while_working(traffic, clock, entries[1], room, chance)
        figures = promises.check(ledger, room)
        check_sessions_end(made[1], clock)
        return f"a day ahead, a day behind, {jumps} jumps of an hour; {figures}"


def letter_state(clinic: Clinic, dispatch: promises.Dispatch) -> str | None:
    return next((each["state"] for each in clinic.items("/api/v1/letters") if each["dispatch_id"] == dispatch.id), None)


def send_letter(number: int, clinic: Clinic, ledger: promises.Ledger, seed: int) -> promises.Dispatch:
    """Returns when it is composed and waits for the end of its grace time."""
    [sent] = promises.run(promises.Errand(number, clinic, [None]), ledger, seed)
    wait_for("a letter to be composed", lambda: letter_state(clinic, sent) == "queued", LETTER_SECONDS)
    return sent


def check_that_it_waits(clinic: Clinic, dispatch: promises.Dispatch, room: promises.PrintRoom) -> None:
    if (state := letter_state(clinic, dispatch)) != "queued" or room.left_over():
        raise Failure(f"a letter is {state} while the clock is not to be believed; in the spool: {room.left_over()}")


def letters_wait(scale: Scale, folder: Path) -> str:
    clock, where = Clock(folder), folder / "network"
    with clinics.running(where, 2, [*PATIENT_SESSIONS, f"letters.grace_seconds={GRACE_SECONDS}"]) as entries:
        node = entries[1]
        restart(where, "node2", clock)
        clinic = clinics.found_clinic("Klinik Musterstadt", node)
        ledger, room = promises.Ledger([clinic]), promises.print_room_of(entries)
        first = send_letter(0, clinic, ledger, scale.seed)
        clock.set(AHEAD)
        wait_for_pause(node, AHEAD)
        # Letters are looked at in the order of their age: when the second is composed, the first has been looked at.
        second = send_letter(1, clinic, ledger, scale.seed)
        check_that_it_waits(clinic, first, room)
        if metric(node, "elsec_clock_paused") != 1 or metric(node, "elsec_clock_jumps_total") != 1:
            raise Failure("the metrics do not tell the jump")
        confirm(node)
        wait_for("the first letter to leave", lambda: room.collect() or letter_state(clinic, first) == "sent",
                 LETTER_SECONDS)
        if clock_state(node)["paused"] or metric(node, "elsec_clock_paused") != 0:
            raise Failure("the operator has spoken and the node does not go on")
        clock.set(0)  # the second was dated by a clock that was set back since: it is due at once
        wait_for_pause(node, -AHEAD)
        check_that_it_waits(clinic, second, room)
        restart(where, "node2", clock)
        if clock_state(node)["paused"]:
            raise Failure("a start has paused")
        return f"a jump of {AHEAD} s and back; {promises.check(ledger, room)}"


CASES = [Case("wrong_clocks", "R19", wrong_clocks), Case("letters_wait_after_a_jump", "R19", letters_wait)]
