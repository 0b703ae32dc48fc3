"""Whatever happens on the wire between two nodes, what was accepted arrives, and arrives once."""

import random
import time
from collections import Counter
from pathlib import Path

import promises
from case import Case, Scale
from common import wait_for
from kill_faults import two_per_node
from link_proxy import CALM, Proxy, Weather, badly_linked

DISPATCH_SECONDS = 600.0  # until the next round is due
# Beyond three heartbeats of two seconds a silent connection is given up.
LONG_SECONDS = 9.0
ROUND_SECONDS = (0.3, 1.5)
FLAPS = 12

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


CASES = [Case("partitions_and_loss", "R19", partitions_and_loss)]
