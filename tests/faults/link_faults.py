"""Whatever happens on the wire between two nodes, what was accepted arrives, and arrives once."""

import random
import time
from collections import Counter
from pathlib import Path

import clinics
import promises
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for
from kill_faults import two_per_node
from link_proxy import CALM, FORTH, Line, Proxy, Weather, badly_linked

DISPATCH_SECONDS = 600.0  # until the next round is due
# Beyond three heartbeats of two seconds a silent connection is given up.
LONG_SECONDS = 9.0
ROUND_SECONDS = (0.3, 1.5)
FLAPS = 12

SLOW_LINE = Line(bytes_per_second=4e6 / 8, delay_seconds=0.1)
SLOW_LINE_SECONDS = 300.0
SMALL_BYTES = 1_000
SMALL_SECONDS = 15.0  # its announcement, key and bytes each wait behind a second of the large one
SHARE_MAX = 1.2

WEATHERS = (
    CALM,
    Weather("partition", held=(True, True)),
    Weather("nothing gets there", held=(True, False)),
    Weather("nothing comes back", held=(False, True)),
    Weather("slow", delay_seconds=0.3),
    Weather("loss", delay_seconds=0.1, cut_chance=0.05),
    Weather("heavy loss", delay_seconds=0.05, cut_chance=0.3),
)


def let_pass(seconds: float) -> None:
    end = time.monotonic() + seconds
    wait_for("the end of a round", lambda: time.monotonic() > end, seconds + 60.0, pause=0.02)


def flap(proxies: list[Proxy], chance: random.Random) -> None:
    """Links that come and go faster than they can be set up."""
    for _ in range(FLAPS):
        chance.choice(proxies).reset_all()
        let_pass(chance.uniform(0.0, 0.25))


def bad_round(number: int, proxies: list[Proxy], chance: random.Random, seen: Counter[str]) -> None:
    if number % 4 == 3:
        seen["flapping"] += 1
        return flap(proxies, chance)
    is_long = number % 8 == 1
    for proxy in proxies:
        weather = chance.choice(WEATHERS) if not is_long else WEATHERS[1 + number // 8 % 3]
        seen[weather.name] += 1
        proxy.become(weather)
    let_pass(LONG_SECONDS if is_long else chance.uniform(*ROUND_SECONDS))
    for proxy in proxies:
        if chance.random() < 0.5:
            proxy.become(CALM)
    return None


def partitions_and_loss(scale: Scale, folder: Path) -> str:
    rounds, dispatches = scale.pick(10, 80), scale.pick(60, 600)
    chance = random.Random(scale.seed)
    with badly_linked(folder / "network", chance) as (entries, proxies):
        made = two_per_node(entries)
        ledger, room = promises.Ledger(made), promises.print_room_of(entries)
        traffic = promises.Traffic(promises.mixed(made, dispatches, scale.seed), ledger, scale.seed)
        seen: Counter[str] = Counter()
        for number in range(rounds):
            bad_round(number, proxies, chance, seen)
            due = dispatches * number // rounds
            wait_for(f"{due} dispatches", lambda due=due: ledger.count() >= due or not traffic.is_working(),
                     DISPATCH_SECONDS)
            room.collect()
        traffic.finish()
        for proxy in proxies:
            proxy.become(CALM)
        begin = time.monotonic()
        figures = promises.check(ledger, room)
        quiet = time.monotonic() - begin
        cuts = sum(proxy.cuts for proxy in proxies)
        weathers = ", ".join(f"{times} x {name}" for name, times in seen.most_common())
        return f"{figures}; {weathers}; {cuts} cut in the middle; checked {quiet:.1f} s after the last"


def is_delivered(sender: Clinic, dispatch: str) -> bool:
    return str(sender.get(f"/api/v1/dispatches/{dispatch}")["state"]) in promises.DELIVERED


def send(sender: Clinic, receiver: Clinic, size: int, name: str, chance: random.Random) -> str:
    document = sender.upload(clinics.noise(chance, size), f"{name}-upload").json()["id"]
    return str(sender.dispatch(document, [clinics.to(receiver)], name).json()["dispatches"][0]["id"])


def a_large_document_on_a_slow_line(scale: Scale, folder: Path) -> str:
    """Nothing is sent twice because it takes long, and what is small does not wait for what is large."""
    size = scale.pick(5, 20) * 1_000_000
    chance = random.Random(scale.seed)
    with badly_linked(folder / "network", chance, SLOW_LINE) as (entries, proxies):
        sender, receiver = (clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries)
        clinics.introduce([sender, receiver])
        before, begin = proxies[0].passed[FORTH], time.monotonic()
        large = send(sender, receiver, size, "gross", chance)
        wait_for("the first of it to pass", lambda: proxies[0].passed[FORTH] - before > size // 20, 60.0, pause=0.1)
        waits: list[float] = []
        while not is_delivered(sender, large):
            if time.monotonic() - begin > SLOW_LINE_SECONDS:
                raise Failure(f"{size} bytes have not arrived after {SLOW_LINE_SECONDS:.0f} s")
            asked = time.monotonic()
            small = send(sender, receiver, SMALL_BYTES, f"klein-{len(waits)}", chance)
            wait_for("a small document", lambda small=small: is_delivered(sender, small), SLOW_LINE_SECONDS, pause=0.1)
            waits.append(time.monotonic() - asked)
        seconds = time.monotonic() - begin
        share = (proxies[0].passed[FORTH] - before) / (size + SMALL_BYTES * len(waits))
        if max(waits) > SMALL_SECONDS:
            raise Failure(f"a small document took {max(waits):.1f} s beside a large one")
        if share > SHARE_MAX:
            raise Failure(f"{share:.2f} times the documents' bytes were sent")
        return (f"{size} bytes in {seconds:.0f} s, {share:.2f} times their number sent; "
                f"{len(waits)} small ones meanwhile, each within {max(waits):.1f} s")


CASES = [Case("partitions_and_loss", "R19", partitions_and_loss),
         Case("a_large_document_on_a_slow_line", "R19", a_large_document_on_a_slow_line)]
