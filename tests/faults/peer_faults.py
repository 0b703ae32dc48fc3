"""A peer gone bad, with a valid key, cannot make a node grow or keep it from its work."""

import random
import threading
import time
from collections import Counter
from pathlib import Path

import clinics
import network
import raw_peer
from case import Case, Scale
from common import wait_for
from flood_faults import settled
from measure import MIB, MemoryWatch, Target, check_p99, probing

MEMORY_MAX = 150 * MIB
MEMORY_MAX_SMALL = 250 * MIB  # generous: how much is under way depends on what else the machine does
P99_MS = 2_000.0  # the peer's own work (it encrypts 250 MiB a second) shares the machine with the node
LINKED_SECONDS = 60.0
PEERS = 3  # connections at a time
BODY_BYTES = (0, 100, 60_000, 1_000_000, 2_000_000)
SMALL_BYTES = (0, 100)
KINDS = ("dispatch", "statement", "nothing", "hello", "ack", "chunks_wanted", "chunks", "key_wanted", "key", "refusal",
         "cards_wanted", "cards", "of_another_time")


class Flood:
    """Sends as fast as the node takes it, whatever it is: rows in order, far ahead and long past, requests, answers
    nobody asked for."""

    def __init__(self, peer: raw_peer.RawPeer, seed: int, sizes: tuple[int, ...]) -> None:
        self._peer = peer
        self._sizes = sizes
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._next = 1
        self.sent: Counter[str] = Counter()
        self.bytes = 0
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self) -> None:
        # Acquainted first: only then rows are taken at all.
        hello = {"epoch": raw_peer.EPOCH, "lowest": 1, "received_epoch": raw_peer.EPOCH, "received": 0, "cards": 0}
        self._peer.send("hello", 0, raw_peer.cbor(hello))
        noise = self._chance.randbytes(max(self._sizes))
        while not self._over.is_set():
            kind, size = self._chance.choice(KINDS), self._chance.choice(self._sizes)
            if self._peer.send(kind, self._sequence(), noise[:size]):
                self.sent[kind] += 1
                self.bytes += size

    def _sequence(self) -> int:
        where = self._chance.random()
        if where < 0.8:
            self._next += 1
            return self._next - 1
        return self._chance.choice((0, 1, self._next + 1_000, 2**63))

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


def flood_node(peers: list[raw_peer.RawPeer], seconds: float, seed: int) -> str:
    floods = [Flood(peer, seed + number, SMALL_BYTES if number == 0 else BODY_BYTES)
              for number, peer in enumerate(peers)]
    end = time.monotonic() + seconds
    try:
        wait_for("the end of the flood", lambda: time.monotonic() > end, seconds + LINKED_SECONDS, pause=0.1)
    finally:
        for flood in floods:
            flood.stop()
    return (f"{sum(sum(flood.sent.values()) for flood in floods) / seconds:.0f} envelopes and "
            f"{sum(flood.bytes for flood in floods) / seconds / MIB:.0f} MiB a second")


def a_flooding_peer_stays_bounded(scale: Scale, folder: Path) -> str:
    where, seconds = folder / "network", scale.pick(8, 60)
    zmq = raw_peer.load()
    keys = raw_peer.KeyPair(zmq)
    with clinics.running(where, 1) as (node,):
        network.down(where)
        raw_peer.admit(node, keys)
        node = network.start(where, [])[0]
        clinic = clinics.found_clinic("Klinik Musterstadt", node)
        target = Target("record", node, clinic.client.token, "/api/v1/organisation")
        peers = [raw_peer.RawPeer(zmq, keys, node) for _ in range(PEERS)]
        with MemoryWatch({node.name: node.pid or 0}) as memory, probing([target]) as prober:
            prober.phase("flood")
            rate = flood_node(peers, seconds, scale.seed)
            found = prober.finish()
        for peer in peers:
            peer.__exit__(None, None, None)
        after = settled(node)
        figures = check_p99(found, P99_MS)
        return f"{rate}; {memory.check(MEMORY_MAX if scale.full else MEMORY_MAX_SMALL)}, {after / MIB:.0f} MiB afterwards; {figures}"


CASES = [Case("a_flooding_peer_stays_bounded", "R19", a_flooding_peer_stays_bounded)]
