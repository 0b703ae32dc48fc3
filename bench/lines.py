"""The lines on one fresh pair of nodes: uploads, record, handshakes, transfer, arrival, memory."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import loads
from loads import Run
from peers import Nginx
from people import Pair
from report import Figures, Line

ROUNDS = 3
ROUND_SECONDS = 5.0
CONNECTIONS = 16
UPLOAD_BYTES = 200_000
TRANSFER_BYTES = 1 << 30
TRANSFER_DOCUMENT_BYTES = 1_000_000
ARRIVALS_PER_SECOND = 50.0
ARRIVALS = 300
IDLE_CONNECTIONS = 2_000
SETTLE_SECONDS = 2.0

KIB, MIB = 1024.0, 1024.0 * 1024.0


def quieten() -> None:
    """What one round left to the kernel to write is not written during the next."""
    os.sync()
    time.sleep(0.2)


def interleaved(ours: Callable[[], Run], theirs: Callable[[], Run]) -> tuple[list[Run], list[Run]]:
    """A B A B …: both sides meet the same moods of the machine."""
    here, there = [], []
    for _ in range(ROUNDS):
        for side, into in ((ours, here), (theirs, there)):
            quieten()
            into.append(side())
    return here, there


def rates(name: str, unit: str, runs: list[Run]) -> Figures:
    return Figures(name, unit, [run.rate for run in runs], median(run.p50_ms for run in runs),
                   median(run.p99_ms for run in runs))


def compared(name: str, what: str, unit: str, sides: tuple[list[Run], list[Run]], peer: str, aim: float) -> Line:
    ours, theirs = sides
    ratio = median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True))
    return Line(name, what, rates("elSec", unit, ours), [rates(peer, unit, theirs)], ratio, aim)


def uploads(pair: Pair, nginx: Nginx) -> Line:
    body = pair.folder / "body.bin"
    body.write_bytes(b"Befund: " + os.urandom(UPLOAD_BYTES - 8))
    url = f"{pair.nodes[0].url}/api/v1/documents"

    def ours() -> Run:
        return loads.wrk("upload.lua", url, CONNECTIONS, ROUND_SECONDS, "POST", str(body), pair.sender.token)

    def theirs() -> Run:
        run = loads.wrk("upload.lua", f"{nginx.url}/upload", CONNECTIONS, ROUND_SECONDS, "PUT", str(body))
        nginx.clear_uploads()
        return run

    return compared("uploads", "200 KB, 16 connections, on disk before the answer | nginx PUT, not synced", "uploads/s",
                    interleaved(ours, theirs), "nginx", 0.5)


def record(pair: Pair, nginx: Nginx) -> Line:
    tokens = pair.sender_tokens()
    loads.fill(pair.port, tokens, 10, UPLOAD_BYTES, 1, pair.folder / "record.ids")
    path = f"/api/v1/documents/{(pair.folder / 'record.ids').read_text().split()[0]}"
    size = len(pair.client().send("GET", path).body)
    static = nginx.serve("record.json", size)

    def ours() -> Run:
        return loads.wrk("get.lua", pair.nodes[0].url + path, CONNECTIONS, ROUND_SECONDS, pair.sender.token)

    def theirs() -> Run:
        return loads.wrk("get.lua", static, CONNECTIONS, ROUND_SECONDS)

    return compared("record", f"GET of a document's record ({size} bytes), authenticated | nginx, a file of that size",
                    "requests/s", interleaved(ours, theirs), "nginx", 1.0)


def handshakes(pair: Pair, nginx: Nginx) -> Line:
    def ours() -> Run:
        return loads.handshakes(pair.port, CONNECTIONS, ROUND_SECONDS)

    def theirs() -> Run:
        return loads.handshakes(nginx.port, CONNECTIONS, ROUND_SECONDS)

    return compared("handshakes", "full TLS 1.3, a connection each | nginx", "handshakes/s",
                    interleaved(ours, theirs), "nginx", 0.9)


def transfer(pair: Pair, nginx: Nginx) -> Line:
    tokens, ids = pair.sender_tokens(), pair.folder / "transfer.ids"
    count = TRANSFER_BYTES // TRANSFER_DOCUMENT_BYTES + 1
    ours: list[float] = []
    curve: list[float] = []
    lmdb: list[float] = []
    for _ in range(ROUNDS):
        loads.fill(pair.port, tokens, count, TRANSFER_DOCUMENT_BYTES, 4, ids)
        quieten()
        sent = loads.dispatches(pair.port, pair.sender.token, ids, pair.peer_port, pair.recipient.token,
                                pair.recipient.organisation, 8, 0.0)
        ours.append(count * TRANSFER_DOCUMENT_BYTES / sent.seconds / 1e6)
        quieten()
        curve.append(loads.raw_curve(TRANSFER_BYTES))
        quieten()
        folder = nginx.folder / "lmdb"
        lmdb.append(loads.raw_lmdb(TRANSFER_BYTES, folder))
        shutil.rmtree(folder)
    ratio = median(a / min(b, c) for a, b, c in zip(ours, curve, lmdb, strict=True))
    return Line("transfer", "1 GiB in documents of 1 MB to the other node, on disk there | the slower of both limits",
                Figures("elSec", "MB/s", ours), [Figures("CURVE alone", "MB/s", curve),
                                                 Figures("LMDB alone", "MB/s", lmdb)], ratio, 0.7)


def arrivals_once(pair: Pair, count: int) -> loads.Dispatched:
    ids = pair.folder / "arrivals.ids"
    loads.fill(pair.port, pair.sender_tokens(), count, UPLOAD_BYTES, 4, ids)
    quieten()
    return loads.dispatches(pair.port, pair.sender.token, ids, pair.peer_port, pair.recipient.token,
                            pair.recipient.organisation, CONNECTIONS, ARRIVALS_PER_SECOND)


def arrivals(pair: Pair, _nginx: Nginx) -> list[Line]:
    runs = [arrivals_once(pair, ARRIVALS) for _ in range(ROUNDS)]
    what = "from 202 to the recipient's event on the other node, 50 dispatches of 200 KB per second, open loop"
    p50 = Figures("elSec", "ms", [run.arrival.p50_ms for run in runs])
    p99 = Figures("elSec", "ms", [run.arrival.p99_ms for run in runs])
    notes = {"the 202 itself, p99 in ms": median(run.answer_p99_ms for run in runs)}
    return [Line("arrival p50", what, p50, [], p50.value, 10.0, at_most=True, unit="ms", notes=notes),
            Line("arrival p99", what, p99, [], p99.value, 50.0, at_most=True, unit="ms")]


def rss_anon(pid: int) -> float:
    """Bytes of a process and its children: pages of a memory map are the kernel's cache and do not count."""
    own = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon:")]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return float(own[0].split()[1]) * KIB + sum(rss_anon(int(child)) for child in children)


def memory(fresh: Pair) -> list[Line]:
    """On a pair that has done nothing but register two organisations."""
    pid = fresh.nodes[0].pid or 0
    time.sleep(SETTLE_SECONDS)
    before = rss_anon(pid)
    with loads.IdleConnections(fresh.port, IDLE_CONNECTIONS, fresh.sender.token):
        time.sleep(SETTLE_SECONDS)
        per_connection = (rss_anon(pid) - before) / IDLE_CONNECTIONS
    idle = Figures("elSec", "MiB", [before / MIB])
    each = Figures("elSec", "KiB", [per_connection / KIB])
    return [Line("idle node", "RssAnon of an idle node", idle, [], idle.value, 60.0, at_most=True, unit="MiB"),
            Line("idle connection", f"RssAnon per idle TLS connection, of {IDLE_CONNECTIONS:,}", each, [], each.value,
                 24.0, at_most=True, unit="KiB")]
