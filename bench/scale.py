"""The same figures with ten times as many documents and organisations stored, on two pairs of nodes side by side.

Both pairs are filled through the API once and kept; every round of measuring adds some 3 % to the smaller one.
"""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import loads
import network
import people
import processes
from common import Failure, say, wait_for
from lines import ARRIVALS_PER_SECOND, CONNECTIONS, UPLOAD_BYTES, quieten
from network import NodeEntry
from people import Pair
from report import Figures, Line

ROUNDS = 3
RECORD_SECONDS = 3.0
UPLOADS = 1_000
ARRIVALS = 150
START_SECONDS = 60.0
START_POLL_SECONDS = 0.005
LINK_SECONDS = 20.0


@dataclass(frozen=True)
class Store:
    """What each of the two nodes holds."""

    name: str
    documents: int
    organisations: int

    def marks(self) -> str:
        return json.dumps({"documents": self.documents, "organisations": self.organisations})


SMALL = Store("small", 10_000, 100)
LARGE = Store("large", 100_000, 1_000)


def fill_node(node: NodeEntry, tokens: Path, store: Store) -> None:
    loads.fill(people.port_of(node.url), tokens, store.documents, people.FILL_BYTES, people.FILL_THREADS,
               tokens.with_suffix(".ids"))


def make(folder: Path, store: Store) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    begin = time.monotonic()
    pair = people.make_pair(folder)
    try:
        tokens = people.register_on_all(pair, store.organisations - 1)
        registered = time.monotonic()
        with ThreadPoolExecutor(len(tokens)) as pool:
            list(pool.map(fill_node, pair.nodes, tokens, [store] * len(tokens)))
        people.keep(pair)
    finally:
        network.down(folder)
    (folder / "complete.json").write_text(store.marks())
    say(f"{'':20}filled two nodes with {store.documents:,} documents each: {store.organisations:,} organisations in "
        f"{registered - begin:.0f} s, documents in {time.monotonic() - registered:.0f} s")


def open_store(folder: Path, store: Store) -> Pair:
    """Fills it when it is not there, or when this version cannot start with it."""
    mark = folder / "complete.json"
    if mark.exists() and mark.read_text() == store.marks():
        try:
            return people.kept(folder, network.start(folder, []))
        except Failure as failure:
            say(f"{'':20}the kept store is filled anew: {str(failure).splitlines()[0]}")
    make(folder, store)
    return people.kept(folder, network.start(folder, []))


def start_seconds(pair: Pair) -> float:
    """From the start of the first node's process until it says that it is ready."""
    known = network.Network(pair.folder)
    entry = pair.nodes[0]
    processes.stop([known.processes()[entry.name]])
    quieten()
    begin = time.monotonic()
    network.start_all(known, [entry])
    wait_for("a node's start", lambda: network.links_of(entry) is not None, START_SECONDS, START_POLL_SECONDS)
    took = time.monotonic() - begin
    wait_for("the link", lambda: network.is_linked(entry, {pair.nodes[1].name}), LINK_SECONDS)
    return took


def uploads_p99(pair: Pair) -> float:
    run = loads.fill(pair.port, pair.folder / "node1.tokens", UPLOADS, UPLOAD_BYTES, CONNECTIONS,
                     pair.folder / "uploads.ids")
    return run.p99_ms


def record_p99(pair: Pair) -> float:
    document = (pair.folder / "record.ids").read_text().split()[0]
    url = f"{pair.nodes[0].url}/api/v1/documents/{document}"
    return loads.wrk("get.lua", url, CONNECTIONS, RECORD_SECONDS, pair.sender.token).p99_ms


def arrival_p99(pair: Pair) -> float:
    ids = pair.folder / "arrivals.ids"
    loads.fill(pair.port, pair.sender_tokens(), ARRIVALS, UPLOAD_BYTES, 4, ids)
    quieten()
    return loads.dispatches(pair.port, pair.sender.token, ids, pair.peer_port, pair.recipient.token,
                            pair.recipient.organisation, CONNECTIONS, ARRIVALS_PER_SECOND).arrival.p99_ms


FIGURES: list[tuple[str, str, str, Callable[[Pair], float]]] = [
    ("scale uploads", "p99 of uploads of 200 KB, 16 connections", "ms", uploads_p99),
    ("scale record", "p99 of a record's GET, 16 connections", "ms", record_p99),
    ("scale arrival", "p99 from 202 to the recipient's event", "ms", arrival_p99),
    ("scale start", "time until a node is ready", "s", start_seconds)]


def compare(name: str, what: str, unit: str, figure: Callable[[Pair], float], small: Pair, large: Pair) -> Line:
    here: list[float] = []
    there: list[float] = []
    for _ in range(ROUNDS):
        for pair, into in ((large, here), (small, there)):
            quieten()
            into.append(figure(pair))
    return Line(name, f"{what}: {LARGE.documents:,} documents of {LARGE.organisations:,} organisations | a tenth of both",
                Figures("large store", unit, here), [Figures("small store", unit, there)], median(here) / median(there),
                1.2, at_most=True)


def measure(stores: Path) -> list[Line]:
    pairs: list[Pair] = []
    try:
        for store in (SMALL, LARGE):
            pair = open_store(stores / store.name, store)
            pairs.append(pair)
            loads.fill(pair.port, pair.sender_tokens(), 1, UPLOAD_BYTES, 1, pair.folder / "record.ids")
        lines = [compare(*each, *pairs) for each in FIGURES]
    finally:
        for pair in pairs:
            network.down(pair.folder)
    start = lines[-1].ours
    lines.append(Line("start", f"until a node with {LARGE.documents:,} documents is ready", start, [], start.value, 1.0,
                      at_most=True, unit="s"))
    return lines
