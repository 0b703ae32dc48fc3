"""A bad network between two nodes, on loopback and without the kernel's help: each node reaches its peer through a proxy
that holds back, delays or cuts what passes. Bytes of a connection are never lost, as TCP never loses them; what loss
looks like to TCP's users is delay, silence, and broken connections."""

import contextlib
import random
import socket
import struct
import threading
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


class Proxy:
    """In front of one listener."""

    def __init__(self, target_port: int, chance: random.Random) -> None:
        self._target = target_port
        self._chance = chance
        self._weather = CALM
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self.cuts = 0
        self._listener = socket.create_server((ADDRESS, 0))
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
def badly_linked(folder: Path, chance: random.Random) -> Iterator[tuple[list[NodeEntry], list[Proxy]]]:
    """Two nodes; the first proxy carries what node1 sends to node2, the second one the other way."""
    proxies: list[Proxy] = []
    with clinics.running(folder, 2) as entries:
        try:
            network.down(folder)
            for dialer, listener in ((entries[0], entries[1]), (entries[1], entries[0])):
                port = transport_port(listener)
                proxies.append(Proxy(port, random.Random(chance.random())))
                redirect(dialer, port, proxies[-1].port)
            yield network.start(folder, []), proxies
        finally:
            for proxy in proxies:
                proxy.close()
