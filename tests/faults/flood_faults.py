"""What connections cost a node, and that a flood of them is shed while others are served as before."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import clinics
import flood
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import Failure, wait_for
from flood import Crowd, crowd_at, dripping, request_head
from measure import MIB, MemoryWatch, Prober, Target, describe, descriptors, probing, rss_anon, threads

KIB = 1024
DESCRIPTORS = 8_000
QUIET_SECONDS = 120.0
SLACK_SECONDS = 20.0  # of a busy machine, beyond a time limit
MEMORY_MAX = 150 * MIB
IDLE_MEMORY_MAX = 60 * MIB
CONNECTION_MEMORY_MAX = 24 * KIB
GIVEN_BACK_MAX = 16 * MIB  # more than a fresh node has, some quiet seconds after a burst
# p99 during the flood, and how many times the one before: in full; otherwise only what a hung node would exceed.
P99_MS, P99_TIMES = 50.0, 5.0
P99_MS_SMALL = 2_000.0
# Limits of the node: handshake, header, grace of a body, and a reader that takes nothing.
HANDSHAKE, HEADER, BODY, STALL = 5.0, 10.0, 10.0, 30.0
DISPATCHES = 100  # between two looks at how many events they made
SLOW_BODIES, SLOW_BODY_ADDRESSES = 2_100, 8
ORDINARY_REQUESTS = 20
ORDINARY_SECONDS_MAX = 5.0  # of a busy machine; a node whose places are taken answers 503, or not at all
FAILING_CLIENTS, FAILURES_EACH = 180, 3  # together more than an address may have in a minute
STREAM_BYTES = 600 * KIB  # of events: more than the buffers of both sides


def ask_once(crowd: Crowd, clinic: Clinic) -> flood.ssl.SSLSocket:
    connection = crowd.secure()
    connection.sendall(request_head(clinic, "GET /api/v1/organisation"))
    if b" 200 " not in flood.read_answer(connection).split(b"\r\n")[0]:
        raise Failure("a request was refused before its connection became idle")
    return connection


def begin(crowd: Crowd, data: bytes, window: int | None = None) -> flood.ssl.SSLSocket:
    connection = crowd.secure(window)
    connection.sendall(data)
    return connection


def broken_hello(crowd: Crowd) -> flood.socket.socket:
    connection = crowd.plain()
    connection.sendall(b"\x16\x03\x01\x02\x00\x01")  # the first bytes of a record that never ends
    return connection


def feed_of_many_events(clinic: Clinic, chance: random.Random) -> None:
    """Dispatches to itself, until the feed is longer than what two sockets hold."""
    document = clinic.upload(clinics.noise(chance, 300), "viele").json()["id"]
    size, number = 0, 0
    while size < STREAM_BYTES:
        for _ in range(DISPATCHES):
            number += 1
            answer = clinic.dispatch(document, [clinics.to(clinic)], f"viele-{number}")
            if answer.status != 202:
                raise Failure(f"a dispatch was answered {answer.status} {answer.body[:200]!r}")
        size = sum(len(str(event)) for event in clinic.events())


def open_flood(crowd: Crowd, clinic: Clinic, scale: Scale) -> None:
    idle, slow, streams = scale.pick(150, 2_000), scale.pick(40, 200), scale.pick(40, 200)
    upload = request_head(clinic, "POST /api/v1/documents",
                          "Content-Type: text/plain\r\nElsec-Filename: a.txt\r\nContent-Length: 1000000\r\n")
    stream = request_head(clinic, "GET /api/v1/events?after=0", "Accept: text/event-stream\r\n")
    crowd.add("idle", idle // 2, lambda: ask_once(crowd, clinic))
    crowd.add("unread stream", streams, lambda: begin(crowd, stream, flood.SMALL_WINDOW_BYTES))
    crowd.add("slow body", slow // 2, lambda: begin(crowd, upload))
    crowd.add("slow header", slow // 2, lambda: begin(crowd, b"GET /"))
    crowd.add("broken off header", idle // 4, lambda: begin(crowd, b"GET / HTTP/1.1\r\nHo"))
    crowd.add("silent", idle // 8, crowd.plain)
    crowd.add("broken off hello", idle - idle // 2 - idle // 4 - idle // 8, lambda: broken_hello(crowd))


def check_shed(crowd: Crowd, idle_seconds: float) -> str:
    """All but the unread streams see that they were closed; those cannot, since they do not read."""
    kinds = {each.kind for each in crowd.members} - {"unread stream"}
    wait_for("the node to shed the flood", lambda: crowd.look(kinds), idle_seconds + QUIET_SECONDS, pause=0.1)
    early = 1.0  # the client's clock begins after the node's
    return ", ".join([
        crowd.check_lives("silent", HANDSHAKE - early, HANDSHAKE + SLACK_SECONDS),
        crowd.check_lives("broken off hello", HANDSHAKE - early, HANDSHAKE + SLACK_SECONDS),
        crowd.check_lives("broken off header", HEADER - early, HEADER + SLACK_SECONDS),
        crowd.check_lives("slow header", HEADER - early, HEADER + SLACK_SECONDS),
        crowd.check_lives("slow body", BODY - early, BODY + SLACK_SECONDS),
        crowd.check_lives("idle", idle_seconds - early, idle_seconds + SLACK_SECONDS)])


def check_gap_markers(crowd: Crowd) -> None:
    """A reader that comes to its senses finds whole events, and at last what it did not get."""
    for member in crowd.of("unread stream")[:5]:
        text = flood.read_to_the_end(member)
        last = text.rstrip(b"\r\n0").rpartition(b"event: ")[2]
        if b'\ndata: {"from":' not in last or not last.startswith(b"gap"):
            raise Failure(f"a stream was cut off after {len(text)} bytes without a gap marker: {text[-200:]!r}")


def check_latency(prober: Prober, scale: Scale) -> str:
    found = prober.finish()
    before, during = found["before"]["record"], found["flood"]["record"]
    limit = max(P99_MS, P99_TIMES * before.percentile(0.99)) if scale.full else P99_MS_SMALL
    if during.failed or during.percentile(0.99) > limit:
        raise Failure(f"others were not served as before: {describe(found)}")
    return describe(found)


def counts(node: NodeEntry) -> tuple[int, int]:
    return descriptors(node.pid or 0), threads(node.pid or 0)


def connection_floods_are_shed(scale: Scale, folder: Path) -> str:
    flood.raise_descriptor_limit(DESCRIPTORS)
    idle_seconds = scale.pick(15, 60)
    with clinics.running(folder / "network", 1, [f"limits.idle_seconds={idle_seconds}"]) as (node,):
        clinic = clinics.found_clinic("Klinik Musterstadt", node)
        feed_of_many_events(clinic, random.Random(scale.seed))
        target = Target("record", node, clinic.client.token, "/api/v1/organisation")
        with (MemoryWatch({node.name: node.pid or 0}) as memory, probing([target]) as prober, crowd_at(node) as crowd):
            prober.phase("before")
            before = counts_when_calm(node, scale.pick(3, 10))
            prober.phase("flood")
            open_flood(crowd, clinic, scale)
            with dripping(crowd.of("slow header") + crowd.of("slow body")):
                lives = check_shed(crowd, idle_seconds)
            streams = wait_for("the streams to be cut off", lambda: is_as_before(node, before), STALL + QUIET_SECONDS)
            prober.phase("")
            check_gap_markers(crowd)
            figures = check_latency(prober, scale)
        return f"{len(crowd.members)} clients; {memory.check(MEMORY_MAX)}; {lives}; {figures}; {streams}"


def counts_when_calm(node: NodeEntry, seconds: float) -> tuple[int, int]:
    """The counts after some seconds, which the prober needs to know what is usual."""
    end = time.monotonic() + seconds
    wait_for("the end of the phase before", lambda: time.monotonic() > end, 2 * seconds + 1)
    return counts(node)


def is_as_before(node: NodeEntry, before: tuple[int, int]) -> str | None:
    now = counts(node)
    as_before = now[0] <= before[0] and now[1] <= before[1]
    return f"descriptors {before[0]} and {now[0]}, threads {before[1]} and {now[1]}" if as_before else None


def settled(node: NodeEntry) -> int:
    """RssAnon once it is the same for a second."""
    last: list[int] = []

    def is_still() -> bool:
        last.append(rss_anon(node.pid or 0))
        return len(last) > 10 and max(last[-10:]) - min(last[-10:]) < 64 * KIB

    wait_for("the node's memory to settle", is_still, QUIET_SECONDS, pause=0.1)
    return last[-1]


def below(node: NodeEntry, limit: int) -> int | None:
    found = rss_anon(node.pid or 0)
    return found if found < limit else None


def idle_memory(scale: Scale, folder: Path) -> str:
    flood.raise_descriptor_limit(DESCRIPTORS)
    count = scale.pick(300, 2_000)
    with clinics.running(folder / "network", 1, ["limits.idle_seconds=600"]) as (node,):
        fresh = settled(node)
        clinic = clinics.found_clinic("Klinik Musterstadt", node)
        with crowd_at(node) as crowd:
            crowd.add("idle", 50, lambda: ask_once(crowd, clinic))  # what is allocated once, for whoever comes
            before = settled(node)
            crowd.add("idle", count, lambda: ask_once(crowd, clinic))
            each = (settled(node) - before) / count
        begin = time.monotonic()
        after = wait_for("the memory to come back", lambda: below(node, fresh + GIVEN_BACK_MAX), QUIET_SECONDS)
        back = time.monotonic() - begin
        figures = (f"idle {fresh / MIB:.1f} MiB, a connection {each / KIB:.1f} KiB of {count}, "
                   f"{after / MIB:.1f} MiB {back:.0f} s after they left")
        if fresh > IDLE_MEMORY_MAX or each > CONNECTION_MEMORY_MAX:
            raise Failure(f"too much: {figures}")
        return figures


def begin_slow_body(crowd: Crowd, clinic: Clinic, number: int) -> flood.ssl.SSLSocket:
    """Every other one is an upload; of both only the first bytes come."""
    if number % 2:
        return begin(crowd, request_head(clinic, "POST /api/v1/documents", "Content-Type: text/plain\r\n"
                                         "Elsec-Filename: a.txt\r\nContent-Length: 100000\r\n") + b"a")
    return begin(crowd, request_head(clinic, "POST /api/v1/sessions", "Content-Type: application/json\r\n"
                                     "Content-Length: 1000\r\n") + b"{")


def ordinary_request(crowd: Crowd, clinic: Clinic, number: int) -> float:
    """A question, or an upload of another organisation. How long it took, in seconds."""
    head = request_head(clinic, "GET /api/v1/organisation")
    if number % 2:
        head = request_head(clinic, "POST /api/v1/documents", "Content-Type: text/plain\r\n"
                            f"Elsec-Filename: {number}.txt\r\nContent-Length: 5\r\n") + b"hello"
    begin_at = time.monotonic()
    with crowd.secure() as connection:
        connection.sendall(head)
        status = flood.read_answer(connection).split(b"\r\n")[0]
    if not status.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
        raise Failure(f"ordinary request {number} was answered {status!r}")
    return time.monotonic() - begin_at


def node_refusals(node: NodeEntry) -> dict[str, int]:
    """How often the node refused, by reason."""
    text = clinics.operator(node).send("GET", "/metrics").body.decode()
    found = re.findall(r'^elsec_http_refusals_total\{reason="(\w+)"\} (\d+)', text, re.MULTILINE)
    return {reason: int(count) for reason, count in found}


def slow_bodies_take_nothing_from_others(scale: Scale, folder: Path) -> str:
    flood.raise_descriptor_limit(DESCRIPTORS)
    addresses = [f"127.0.0.{2 + number}" for number in range(SLOW_BODY_ADDRESSES)]
    with clinics.running(folder / "network", 1) as (node,):
        slow, other = (clinics.found_clinic(name, node) for name in ("Klinik Langsam", "Klinik Musterstadt"))
        with crowd_at(node, addresses) as crowd:
            for number in range(SLOW_BODIES):
                crowd.add("slow body", 1, lambda number=number: begin_slow_body(crowd, slow, number))
            begun = time.monotonic() - crowd.members[0].opened
            times = [ordinary_request(crowd, other, number) for number in range(ORDINARY_REQUESTS)]
            refused = node_refusals(node)
        if max(times) > ORDINARY_SECONDS_MAX:
            raise Failure(f"ordinary requests took up to {max(times):.2f} s beside slow bodies")
        if refused.get("requests_in_flight") or not refused.get("uploads_of_tenant"):
            raise Failure(f"refused were {refused}")
        return (f"{SLOW_BODIES} slow bodies in {begun:.1f} s, {len(times)} of {len(times)} ordinary requests served in up "
                f"to {1000 * max(times):.0f} ms; refused: {refused}")


def refused_head(client: str, path: str = "/api/v1/organisation") -> bytes:
    return (f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n"
            "Authorization: Bearer nobody\r\n\r\n").encode()


def status_of(crowd: Crowd, head: bytes) -> str:
    with crowd.secure() as connection:
        connection.sendall(head)
        return flood.read_answer(connection).split()[1].decode()


def fail_until_refused(crowd: Crowd, head_of: Callable[[int], bytes]) -> None:
    """Their answers are slowed, so nobody waits for all of them."""
    for number in range(FAILING_CLIENTS):
        crowd.add("failures", 1, lambda number=number: begin(crowd, FAILURES_EACH * head_of(number)))
    wait_for("429", lambda: status_of(crowd, head_of(FAILING_CLIENTS)) == "429", QUIET_SECONDS)


def proxies_speak_for_their_clients(scale: Scale, folder: Path) -> str:
    flood.raise_descriptor_limit(DESCRIPTORS)
    overrides = ['https.trusted_proxies=["127.0.0.2"]', "limits.uploads_per_tenant_max=3"]
    with clinics.running(folder / "network", 1, overrides) as (node,):
        clinic = clinics.found_clinic("Klinik Musterstadt", node)
        with crowd_at(node, ["127.0.0.2"]) as crowd:
            fail_until_refused(crowd, lambda _: refused_head("203.0.113.7"))
            others = [status_of(crowd, refused_head("198.51.100.1")),
                      status_of(crowd, request_head(clinic, "GET /api/v1/organisation"))]
            crowd.add("upload", 3, lambda: begin_slow_body(crowd, clinic, 1))
            upload = request_head(clinic, "POST /api/v1/documents", "Content-Type: text/plain\r\n"
                                  "Elsec-Filename: a.txt\r\nContent-Length: 9\r\nExpect: 100-continue\r\n")
            wait_for("the fourth upload to be refused", lambda: status_of(crowd, upload) == "429", QUIET_SECONDS)
        # The operator's listener believes no proxy: whatever is said, these failures are all of one address.
        with crowd_at(replace(node, url=node.operator_url), ["127.0.0.2"]) as crowd:
            fail_until_refused(crowd, lambda number: refused_head(f"203.0.113.{number}", "/metrics"))
        if others != ["401", "200"]:
            raise Failure(f"other clients of the proxy were answered {others}")
        return f"{2 * FAILING_CLIENTS * FAILURES_EACH} failures, refused: {node_refusals(node)}"


CASES = [Case("connection_floods_are_shed", "R14", connection_floods_are_shed),
         Case("idle_memory", "R14", idle_memory),
         Case("slow_bodies_take_nothing_from_others", "R14", slow_bodies_take_nothing_from_others),
         Case("proxies_speak_for_their_clients", "R14", proxies_speak_for_their_clients)]
