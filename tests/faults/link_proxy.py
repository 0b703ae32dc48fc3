"""A bad network between two nodes, on loopback and without the kernel's help: each node reaches its peer through a proxy
that holds back, delays or cuts what passes. Bytes of a connection are never lost, as TCP never loses them; what loss
looks like to TCP's users is delay, silence, and broken connections."""

import contextlib
import queue
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import clinics
import network
from clinics import NodeEntry
from common import Failure

CHUNK_BYTES = 65_536
ADDRESS = "127.0.0.1"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER
FORTH, BACK = 0, 1


@dataclass(frozen=True)
class Weather:
    """What a proxy does to each piece that passes. A held direction is a partition: silence, and no end is seen."""

    name: str
    held: tuple[bool, bool] = (False, False)  # FORTH: from who dials; BACK: to who dials
    delay_seconds: float = 0.0                # at most; drawn for each piece
    cut_chance: float = 0.0                   # that a piece breaks off in its middle, and the connection with it


CALM = Weather("calm")


@dataclass(frozen=True)
class Line:
    """What a proxy's connections run over, each way, whatever the weather: as with a real line, what is on the way is
    delayed side by side, and the buffers at its ends are small."""

    bytes_per_second: float
    delay_seconds: float

    PIECE_BYTES = 4_096
    BUFFER_BYTES = 65_536


class Proxy:
    """In front of one listener."""

    def __init__(self, target_port: int, chance: random.Random, line: Line | None = None) -> None:
        self._target = target_port
        self._line = line
        self.passed = [0, 0]  # bytes, by direction
        self._chance = chance
        self._weather = CALM
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self.cuts = 0
        self._listener = socket.create_server((ADDRESS, 0))
        if line:  # the connections it accepts inherit that
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, Line.BUFFER_BYTES)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def become(self, weather: Weather) -> None:
        with self._changed:
            self._weather = weather
            self._changed.notify_all()

    def reset_all(self) -> None:
        """Every connection ends with a reset on both sides."""
        with self._changed:
            connections = list(self._open)
        for connection in connections:
            self._end(connection, reset=True)

    def close(self) -> None:
        self._over.set()
        self.become(CALM)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # close() alone would leave accept() waiting
        self._listener.close()
        self.reset_all()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                dialer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(dialer,), daemon=True).start()

    def _serve(self, dialer: socket.socket) -> None:
        self._wait_until_open(FORTH)  # nobody answers across a partition
        try:
            peer = socket.create_connection((ADDRESS, self._target))
        except OSError:
            return self._end(dialer, reset=True)
        with self._changed:
            self._open |= {dialer, peer}
        threading.Thread(target=self._pass_on, args=(peer, dialer, BACK), daemon=True).start()
        return self._pass_on(dialer, peer, FORTH)

    def _wait_until_open(self, direction: int) -> Weather:
        with self._changed:
            self._changed.wait_for(lambda: self._over.is_set() or not self._weather.held[direction])
            return self._weather

    def _pass_on(self, source: socket.socket, target: socket.socket, direction: int) -> None:
        if self._line:
            return self._carry(source, target, direction, self._line)
        try:
            while data := source.recv(CHUNK_BYTES):
                weather = self._wait_until_open(direction)
                if weather.delay_seconds:
                    self._over.wait(self._chance.uniform(0.0, weather.delay_seconds))
                if self._chance.random() < weather.cut_chance:
                    self.cuts += 1
                    target.sendall(data[: len(data) // 2])
                    break
                target.sendall(data)
        except OSError:
            pass  # an end is gone; the other one learns it
        self._wait_until_open(direction)
        self._end(source, reset=False)
        self._end(target, reset=False)
        return None

    def _carry(self, source: socket.socket, target: socket.socket, direction: int, line: Line) -> None:
        on_the_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()  # bounded by the rate and the delay
        threading.Thread(target=self._deliver, args=(target, on_the_way), daemon=True).start()
        free_at = time.monotonic()
        try:
            while data := source.recv(Line.PIECE_BYTES):
                self.passed[direction] += len(data)
                free_at = max(free_at, time.monotonic()) + len(data) / line.bytes_per_second
                on_the_way.put((free_at + line.delay_seconds, data))
                self._over.wait(max(0.0, free_at - time.monotonic()))
        except OSError:
            pass  # an end is gone; the other one learns it
        on_the_way.put((time.monotonic() + line.delay_seconds, b""))
        self._end(source, reset=False)

    def _deliver(self, target: socket.socket, on_the_way: "queue.SimpleQueue[tuple[float, bytes]]") -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = on_the_way.get()
                self._over.wait(max(0.0, due - time.monotonic()))
                if not data:
                    break
                target.sendall(data)
        self._end(target, reset=False)

    def _end(self, connection: socket.socket, reset: bool) -> None:
        with self._changed:
            self._open.discard(connection)
        with contextlib.suppress(OSError):
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads
        connection.close()


def transport_port(entry: NodeEntry) -> int:
    lines = entry.files.configuration.read_text(encoding="utf-8").splitlines()
    listens = lines[lines.index("[transport]") + 1]
    return int(listens.rpartition(":")[2].strip('"'))


def redirect(entry: NodeEntry, port: int, proxy: int) -> None:
    """The node reaches what listens on `port` through the proxy from its next start on."""
    file = entry.files.configuration
    text = file.read_text(encoding="utf-8")
    endpoint = f'endpoint = "tcp://{ADDRESS}:{port}"'
    if endpoint not in text:
        raise Failure(f"{entry.name} knows nobody at port {port}")
    file.write_text(text.replace(endpoint, f'endpoint = "tcp://{ADDRESS}:{proxy}"'), encoding="utf-8")


@contextlib.contextmanager
def badly_linked(folder: Path, chance: random.Random,
                 line: Line | None = None) -> Iterator[tuple[list[NodeEntry], list[Proxy]]]:
    """Two nodes; the first proxy carries what node1 sends to node2, the second one the other way."""
    proxies: list[Proxy] = []
    with clinics.running(folder, 2) as entries:
        try:
            network.down(folder)
            for dialer, listener in ((entries[0], entries[1]), (entries[1], entries[0])):
                port = transport_port(listener)
                proxies.append(Proxy(port, random.Random(chance.random()), line))
                redirect(dialer, port, proxies[-1].port)
            yield network.start(folder, []), proxies
        finally:
            for proxy in proxies:
                proxy.close()
