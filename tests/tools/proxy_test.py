"""The command line behind a proxy: the program itself, a real node, and a proxy that asks for credentials."""

import base64
import json
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import discharge_letter  # noqa: E402
import network  # noqa: E402
from common import ELSEC, clean_environment  # noqa: E402

USER, PASSWORD = "anna", "geheim-am-proxy"
ACCOUNT_PASSWORD = "correct horse battery"
EVENT_SECONDS = 60.0
ANNOUNCED_BYTES = 3 * 1024 * 1024


class Handler(socketserver.StreamRequestHandler):
    server: "ConnectProxy"

    def handle(self) -> None:
        """Requests until one is let through; then bytes in both directions."""
        while head := self.read_head():
            self.server.heads.append(head)
            if f"Proxy-Authorization: Basic {self.server.credentials}\r\n" not in head:
                self.wfile.write(b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"clinic\"\r\n"
                                 b"Content-Length: 0\r\n\r\n")
                continue
            host, port = head.split()[1].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as node:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self.copy, args=(node, self.connection))
                back.start()
                self.copy(self.connection, node)
                back.join()
            return

    def read_head(self) -> str:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return ""
            head += line
        return head.decode()

    def copy(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while block := source.recv(65_536):
                self.server.passed_on.append(block)
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one of them is gone, and so is the tunnel


class ConnectProxy(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self.heads: list[str] = []
        self.passed_on: list[bytes] = []
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def address(self, password: str = PASSWORD) -> str:
        return f"http://{USER}:{password}@127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class BehindAProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.node = network.up(cls.folder / "network", 1)[0]
        cls.addClassCleanup(network.down, cls.folder / "network")
        cls.proxy = ConnectProxy()
        cls.addClassCleanup(cls.proxy.stop)
        cls.register_and_log_in()

    @classmethod
    def register_and_log_in(cls) -> None:
        registered = cls.run_elsec(
            "register", "--organisation", "Klinik Musterstadt", "--sector", "hospital", "--employees", "250",
            "--street", "Am Alten Markt 1", "--postal-code", "01067", "--city", "Musterstadt",
            "--first-name", "Juliane", "--last-name", "Musterfrau", "--email", "jm@example.org",
            "--accept", "terms", "--accept", "data_processing", "--accept", "secrecy", "--acts-for-business")
        logged_in = cls.run_elsec("login", "--email", "jm@example.org")
        for done in (registered, logged_in):
            if done.returncode != 0:
                raise AssertionError(done.stderr)

    @classmethod
    def environment(cls, more: dict[str, str]) -> dict[str, str]:
        return clean_environment() | {"ELSEC_NODE": cls.node.url, "ELSEC_CA_FILE": cls.node.ca_file,
                                      "ELSEC_SESSION": str(cls.folder / "session.json"),
                                      "ELSEC_PASSWORD": ACCOUNT_PASSWORD, "HTTPS_PROXY": cls.proxy.address()} | more

    @classmethod
    def run_elsec(cls, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([ELSEC, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=cls.environment(more))

    def answer(self, *arguments: str | Path) -> Any:
        done = self.run_elsec("--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def documents(self) -> tuple[Path, Path]:
        """A letter, and an attachment that is large enough to be announced before it is sent."""
        letter, attachment = self.folder / "befund.pdf", self.folder / "werte.txt"
        letter.write_bytes(discharge_letter.make()[0])
        attachment.write_text("Wert 1\n" * (ANNOUNCED_BYTES // 7))
        return letter, attachment

    def first_event(self, events: "subprocess.Popen[str]") -> Any:
        """The stream is ended when none comes in time."""
        assert events.stdout is not None
        watchdog = threading.Timer(EVENT_SECONDS, events.kill)
        watchdog.start()
        try:
            return json.loads(events.stdout.readline())
        finally:
            watchdog.cancel()

    def test_R12_documents_and_events_pass_through_it_unseen(self) -> None:
        letter, attachment = self.documents()
        with subprocess.Popen([ELSEC, "--json", "events", "--after", "0"], stdout=subprocess.PIPE, text=True,
                              env=self.environment({})) as events:
            self.addCleanup(events.kill)
            sent = self.answer("send", letter, attachment, "--subject", "Befund", "--to-address",
                               "Gerhard Grünwald; Lindenweg 7; 01097 Musterstadt")
            event = self.first_event(events)  # while the stream goes on
            events.kill()
        self.assertIn("type", event)
        document = self.answer("status", sent["dispatches"][0]["id"])["document_id"]
        copy = self.folder / "copy.pdf"
        self.answer("get", document, "-o", copy)
        self.assertEqual(copy.read_bytes(), letter.read_bytes())
        heads, passed_on = "".join(self.proxy.heads), b"".join(self.proxy.passed_on)
        token = json.loads((self.folder / "session.json").read_text())["token"]
        self.assertIn(f"CONNECT {self.node.url.removeprefix('https://')} HTTP/1.1", heads)
        self.assertGreater(len(passed_on), ANNOUNCED_BYTES)
        for secret in (token, "Authorization: Bearer", ACCOUNT_PASSWORD):
            self.assertNotIn(secret, heads)
            self.assertNotIn(secret.encode(), passed_on)

    def test_R12_wrong_credentials_are_the_proxys_objection_and_shown_nowhere(self) -> None:
        done = self.run_elsec("whoami", HTTPS_PROXY=self.proxy.address(password="vertippt"))
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"The proxy http://127.0.0.1:{self.proxy.port} asks for credentials (status 407).", done.stderr)
        for secret in (USER, "vertippt"):
            self.assertNotIn(secret, done.stdout + done.stderr)

    def test_NO_PROXY_and_the_option_decide_about_the_way(self) -> None:
        before = len(self.proxy.heads)
        self.assertEqual(self.run_elsec("whoami", NO_PROXY="127.0.0.1").returncode, 0)
        self.assertEqual(len(self.proxy.heads), before)
        self.assertEqual(self.run_elsec("whoami", "--proxy", self.proxy.address(),
                                        HTTPS_PROXY="http://127.0.0.1:1").returncode, 0)
        self.assertGreater(len(self.proxy.heads), before)


if __name__ == "__main__":
    unittest.main()
