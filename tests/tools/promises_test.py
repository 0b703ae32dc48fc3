"""The checker of the fault tests notices what it is there for."""

import hashlib
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "faults")]

import promises  # noqa: E402  (the folders are on the path only now)
from common import Failure  # noqa: E402
from promises import Dispatch, Ledger, PrintRoom, Upload  # noqa: E402

BYTES = b"Befund"
SHA256 = hashlib.sha256(BYTES).hexdigest()


class FakeClinic:
    """What a node would answer, as lists to be spoilt."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {
            "/api/v1/dispatches": [], "/api/v1/documents?box=inbox": [], "/api/v1/letters": []}
        self.feed: list[dict[str, Any]] = []
        self.contents: dict[str, bytes] = {}

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.lists[path]

    def events(self) -> list[dict[str, Any]]:
        return self.feed

    def content(self, document: str) -> bytes:
        return self.contents[document]


class Promises(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spool = Path(folder.name)
        (self.spool / "done").mkdir()
        self.a: Any = FakeClinic()
        self.b: Any = FakeClinic()
        self.ledger = Ledger([self.a, self.b], [Upload(self.a, "doc_1", SHA256)],
                             [Dispatch(self.a, "dsp_1", "electronic", SHA256, self.b),
                              Dispatch(self.a, "dsp_2", "post", SHA256, None)])
        self.a.lists["/api/v1/dispatches"] += [{"id": "dsp_1", "state": "delivered"}, {"id": "dsp_2", "state": "sent"}]
        self.a.lists["/api/v1/letters"].append({"dispatch_id": "dsp_2"})
        self.a.contents["doc_1"] = BYTES
        self.a.feed.append({"type": "dispatch.updated", "dispatch_id": "dsp_1", "state": "delivered"})
        self.b.lists["/api/v1/documents?box=inbox"].append({"id": "doc_2", "dispatch_id": "dsp_1"})
        self.b.contents["doc_2"] = BYTES
        self.b.feed.append({"type": "document.received", "dispatch_id": "dsp_1"})
        self.room = PrintRoom([self.spool])
        self.room.count("ltr_1", "dsp_2")

    def check(self) -> None:
        promises.check(self.ledger, self.room)

    def refused(self, because: str) -> None:
        with self.assertRaisesRegex(Failure, because):
            self.check()

    def test_kept_ones_pass(self) -> None:
        self.check()

    def test_a_lost_copy_is_noticed(self) -> None:
        self.b.lists["/api/v1/documents?box=inbox"].clear()
        self.refused("dsp_1 arrived 0 times")

    def test_a_second_copy_is_noticed(self) -> None:
        self.b.lists["/api/v1/documents?box=inbox"].append({"id": "doc_2", "dispatch_id": "dsp_1"})
        self.refused("dsp_1 arrived 2 times")

    def test_a_second_announcement_is_noticed(self) -> None:
        self.b.feed *= 2
        self.refused("dsp_1 was announced 2 times")

    def test_other_bytes_are_noticed(self) -> None:
        self.b.contents["doc_2"] = b"Befunt"
        self.refused("the copy of dsp_1 has other bytes")

    def test_a_spoilt_upload_is_noticed(self) -> None:
        self.a.contents["doc_1"] = b""
        self.refused("doc_1 has other bytes")

    def test_a_lost_dispatch_is_noticed(self) -> None:
        self.ledger.dispatches.append(Dispatch(self.a, "dsp_3", "electronic", SHA256, self.b))
        with self.assertRaisesRegex(Failure, "dsp_3 .* unknown to its sender"):
            promises.wait_until_quiet(self.ledger, self.room, seconds=0.0)

    def test_a_dispatch_nobody_asked_for_is_noticed(self) -> None:
        self.a.lists["/api/v1/dispatches"].append({"id": "dsp_9", "state": "delivered"})
        self.refused("dsp_9 was never accepted")

    def test_a_letter_printed_twice_is_noticed(self) -> None:
        self.room.count("ltr_1", "dsp_2")
        self.refused("ltr_1 was printed 2 times")

    def test_a_second_letter_for_a_dispatch_is_noticed(self) -> None:
        self.room.count("ltr_2", "dsp_2")
        self.refused("dsp_2 was printed 2 times")

    def test_a_state_told_twice_is_noticed(self) -> None:
        self.a.feed *= 2
        self.refused("dsp_1 was told to be delivered 2 times")

    def test_a_torn_letter_is_noticed(self) -> None:
        (self.spool / "ltr_3.json").write_text('{"letter_id": "ltr_3", "dispatch_id": "dsp_3", "pdf_sha256": ""}')
        self.room.collect()
        self.assertEqual(self.room.torn, ["ltr_3"])


if __name__ == "__main__":
    unittest.main()
