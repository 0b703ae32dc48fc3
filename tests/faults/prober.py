"""A process of measure.Prober: makes small requests at a steady rate on connections that stay open. Standard input
brings first what to ask, then the name of each phase as it begins; its end ends the process, which then prints what it
measured."""

import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse
from typing import Any

CONNECTIONS = 4  # per target, so that every thread of the listener is likely to serve one
ANSWER_SECONDS = 60.0


class Probe(threading.Thread):
    """One target. A request that is due while an earlier one waits counts from when it was due: a stall is not hidden
    by asking less often."""

    def __init__(self, about: dict[str, str], per_second: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.target = about["name"]
        self.phase = ""
        self.found: dict[str, dict[str, Any]] = {}
        self._about = about
        self._pause = 1.0 / per_second
        self._over = over
        self._tls = ssl.create_default_context(cafile=about["ca_file"])
        self._connections = [self._connection() for _ in range(CONNECTIONS)]

    def _connection(self) -> http.client.HTTPSConnection:
        where = urllib.parse.urlsplit(self._about["url"])
        return http.client.HTTPSConnection(where.hostname or "", where.port, timeout=ANSWER_SECONDS, context=self._tls)

    def _ask(self, number: int) -> bool:
        connection = self._connections[number % CONNECTIONS]
        try:
            connection.request("GET", self._about["path"], headers={"Authorization": f"Bearer {self._about['token']}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        except (OSError, http.client.HTTPException):
            connection.close()
            self._connections[number % CONNECTIONS] = self._connection()
            return False

    def run(self) -> None:
        for number in range(CONNECTIONS):
            self._ask(number)  # handshakes are not measured
        due, number = time.monotonic(), 0
        while not self._over.wait(max(0.0, due - time.monotonic())):
            phase = self.phase
            held = self._ask(number)
            taken = 1_000.0 * (time.monotonic() - due)
            if phase:
                found = self.found.setdefault(phase, {"taken": [], "failed": 0})
                found["failed"] += not held
                if held:
                    found["taken"].append(round(taken, 2))
            due, number = due + self._pause, number + 1


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    over = threading.Event()
    probes = [Probe(about, wanted["per_second"], over) for about in wanted["targets"]]
    for probe in probes:
        probe.start()
    for line in sys.stdin:
        for probe in probes:
            probe.phase = line.strip()
    over.set()
    for probe in probes:
        probe.join(ANSWER_SECONDS)
    phases = dict.fromkeys(phase for probe in probes for phase in probe.found)
    json.dump({phase: {probe.target: probe.found[phase] for probe in probes if phase in probe.found}
               for phase in phases}, sys.stdout)


if __name__ == "__main__":
    main()
