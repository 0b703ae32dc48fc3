"""Clients that are a burden: they hold connections open, say little, or never read."""

import resource
import select
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clinics import Clinic, NodeEntry
from common import Failure

ANSWER_SECONDS = 60.0
CLIENTS_PER_ADDRESS = 100  # far below limits.connections_per_address_max
SLOW_SECONDS = 1.0         # between two bytes of a slow client
SMALL_WINDOW_BYTES = 4096  # of a client that never reads: what it leaves unread waits at the node
READ_BYTES = 65_536


def raise_descriptor_limit(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


class Addresses:
    """Loopback addresses by turns, since a node counts connections per address: these, or as many as it takes."""

    def __init__(self, wanted: list[str] | None = None) -> None:
        self._given = 0
        self._wanted = wanted

    def next(self) -> str:
        number = self._given // CLIENTS_PER_ADDRESS
        self._given += 1
        if self._wanted:
            return self._wanted[self._given % len(self._wanted)]
        return f"127.1.{number // 200}.{1 + number % 200}"


@dataclass
class Burden:
    """One client. `opened` and `closed` are monotonic seconds."""

    kind: str
    connection: socket.socket
    opened: float = field(default_factory=time.monotonic)
    closed: float | None = None

    def is_closed_by_node(self) -> bool:
        """Reads what came; true when the node has ended the connection."""
        try:
            while self.connection.recv(READ_BYTES):
                pass
            return True
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True


class Crowd:
    """All clients of a test, opened one after the other, closed together."""

    def __init__(self, node: NodeEntry, addresses: list[str] | None = None) -> None:
        where = urllib.parse.urlsplit(node.url)
        self._where = (where.hostname or "", where.port or 0)
        self._tls = ssl.create_default_context(cafile=node.ca_file)
        self._tls.check_hostname = False  # the certificate is checked; the name would cost two thousand look-ups
        self._addresses = Addresses(addresses)
        self.members: list[Burden] = []

    def plain(self, window: int | None = None) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if window:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        made.settimeout(ANSWER_SECONDS)
        try:
            made.bind((self._addresses.next(), 0))
            made.connect(self._where)
        except OSError:
            made.close()
            raise
        return made

    def secure(self, window: int | None = None) -> ssl.SSLSocket:
        return self._tls.wrap_socket(self.plain(window), server_hostname=self._where[0])

    def add(self, kind: str, count: int, make: Callable[[], socket.socket]) -> None:
        for _ in range(count):
            connection = make()
            connection.setblocking(False)
            self.members.append(Burden(kind, connection))

    def of(self, kind: str) -> list[Burden]:
        return [each for each in self.members if each.kind == kind]

    def look(self, kinds: set[str]) -> bool:
        """Notes who was closed by the node since the last look; true when all of these kinds are."""
        waiting = [each for each in self.members if each.kind in kinds and each.closed is None]
        poll = select.poll()
        by_descriptor = {each.connection.fileno(): each for each in waiting}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(0):
            each = by_descriptor[descriptor]
            if each.is_closed_by_node():
                each.closed = time.monotonic()
        return all(each.closed is not None for each in waiting)

    def check_lives(self, kind: str, least: float, most: float) -> str:
        """The node closed each of them after its time limit, and not before."""
        lives = [each.closed - each.opened for each in self.of(kind) if each.closed is not None]
        text = f"{kind} {min(lives):.1f} to {max(lives):.1f} s" if lives else f"{kind} never"
        if len(lives) != len(self.of(kind)) or min(lives) < least or max(lives) > most:
            raise Failure(f"closed after {text} ({len(lives)} of {len(self.of(kind))}), expected {least:g} to {most:g}")
        return text

    def close(self) -> None:
        for each in self.members:
            each.connection.close()


@contextmanager
def crowd_at(node: NodeEntry, addresses: list[str] | None = None) -> Iterator[Crowd]:
    crowd = Crowd(node, addresses)
    try:
        yield crowd
    finally:
        crowd.close()


@contextmanager
def dripping(members: list[Burden]) -> Iterator[None]:
    """Each of them sends a byte a second while the block runs."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(SLOW_SECONDS):
            for each in members:
                try:
                    each.connection.send(b"a")
                except OSError:
                    continue  # closed by the node: look() notes it

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def request_head(clinic: Clinic, request: str, more: str = "") -> bytes:
    return (f"{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {clinic.client.token}\r\n"
            f"{more}\r\n").encode()


def read_answer(connection: ssl.SSLSocket) -> bytes:
    """Up to the end of a short body with a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += receive(connection)
    return head


def receive(connection: ssl.SSLSocket) -> bytes:
    data = connection.recv(READ_BYTES)
    if not data:
        raise Failure("the node ended a connection within its answer")
    return data


def read_to_the_end(member: Burden) -> bytes:
    """What waits for a client that has read nothing so far, up to where the node cut it off."""
    member.connection.settimeout(ANSWER_SECONDS)
    data = b""
    try:
        while block := member.connection.recv(READ_BYTES):
            data += block
    except ConnectionError:
        pass
    except OSError as failure:
        raise Failure(f"a stream that was not read did not end: {failure}") from failure
    return data
