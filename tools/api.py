"""A small HTTPS client for a node's API and its event stream."""

import contextlib
import http.client
import json
import queue
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import Failure

REQUEST_SECONDS = 30.0
STREAM_SILENCE_SECONDS = 60.0  # the node sends a comment every 15 s

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Json:
        return json.loads(self.body)


def _tls(ca_file: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _told(answer: Answer) -> str:
    """What a problem document says."""
    try:
        problem = answer.json()
        fields = "".join(f"; {each['pointer']}: {each['detail']}" for each in problem.get("errors", []))
        return f"{answer.status} {problem.get('code')}: {problem.get('detail')}{fields}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{answer.status} {answer.body[:200]!r}"


class Client:
    def __init__(self, url: str, ca_file: Path, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._tls = _tls(ca_file)
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)]
        self._opener = urllib.request.build_opener(*handlers)

    def sign_in(self, email: str, password: str) -> None:
        answer = self.try_to_sign_in(email, password)
        if not self._token:
            raise Failure(f"POST /api/v1/sessions: {_told(answer)}")

    def try_to_sign_in(self, email: str, password: str) -> Answer:
        answer = self.try_to_send("POST", "/api/v1/sessions", {"email": email, "password": password}, {})
        self._token = answer.json()["token"] if 200 <= answer.status < 300 else None
        return answer

    @property
    def token(self) -> str:
        """For requests that are made in another way; empty without one."""
        return self._token or ""

    def get(self, path: str) -> Json:
        return self.send("GET", path).json()

    def post(self, path: str, body: Json) -> Json:
        return self.send("POST", path, body).json()

    def put(self, path: str, body: Json) -> Json:
        return self.send("PUT", path, body).json()

    def send(self, method: str, path: str, body: Json | bytes | None = None,
             headers: dict[str, str] | None = None) -> Answer:
        """The answer if it is 2xx; a Failure with the problem's own words otherwise."""
        answer = self.try_to_send(method, path, body, headers or {})
        if not 200 <= answer.status < 300:
            raise Failure(f"{method} {path}: {_told(answer)}")
        return answer

    def try_to_send(self, method: str, path: str, body: Json | bytes | None, headers: dict[str, str]) -> Answer:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=self._headers())
        if isinstance(body, dict):
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=REQUEST_SECONDS) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.headers, refusal.read())
        except (OSError, http.client.HTTPException) as failure:
            raise Failure(f"{method} {self.url}{path}: {failure}") from failure

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def events(self) -> "EventStream":
        where = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPSConnection(where.hostname or "", where.port, timeout=STREAM_SILENCE_SECONDS,
                                                 context=self._tls)
        return EventStream(connection, self._headers())


class EventStream:
    """GET /events, read by a thread of its own."""

    def __init__(self, connection: http.client.HTTPSConnection, headers: dict[str, str]) -> None:
        self._connection = connection
        self._events: queue.Queue[Json] = queue.Queue()
        connection.request("GET", "/api/v1/events", headers={**headers, "Accept": "text/event-stream"})
        self._socket = connection.sock
        self._answer = connection.getresponse()
        if self._answer.status != 200:
            raise Failure(f"GET /events: {self._answer.status} {self._answer.read()[:200]!r}")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        data: list[str] = []
        try:
            while line := self._answer.readline():
                text = line.decode().rstrip("\r\n")
                if text.startswith("data:"):
                    data.append(text[5:].removeprefix(" "))
                elif not text and data:
                    self._events.put(json.loads("\n".join(data)))
                    data = []
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # closed by us, or by the node: whoever waits for an event notices

    def wait_for(self, what: str, is_wanted: Callable[[Json], bool], seconds: float) -> Json:
        while True:
            try:
                event = self._events.get(timeout=seconds)
            except queue.Empty:
                raise Failure(f"waited {seconds:g} s for the event: {what}") from None
            if is_wanted(event):
                return event

    def close(self) -> None:
        # The reading thread holds the answer's lock until a line comes; a socket that is shut down gives it one.
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._connection.close()
