"""The demo's story: clinic A sends a discharge letter to clinic B, to a practice that does not take part, and to a
person. B gets it electronically, the other two by post; all three have receipts that can be checked offline."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import discharge_letter
from api import Client, EventStream, Json
from common import ELSEC, Failure, clean_environment, say, wait_for
from network import NodeEntry

STEP_SECONDS = 60.0
A4_POINTS = (595, 842)  # pdfinfo's unit; half a point of rounding either way


@dataclass(frozen=True)
class Workspace:
    """The demo's folder."""

    folder: Path

    @property
    def mark(self) -> Path:
        return self.folder / ".elsec-demo"

    @property
    def network(self) -> Path:
        return self.folder / "network"

    @property
    def receipts(self) -> Path:
        return self.folder / "receipts"

    def make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mark.touch()
        self.receipts.mkdir()

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def clear_after_success(self) -> None:
        """The letter, the copy and the receipts stay; the nodes and their keys go."""
        shutil.rmtree(self.network)
        for session in self.folder.glob("*.session"):
            session.unlink()


@dataclass
class Person:
    """A person of a made-up organisation, with the clients that act for it."""

    key: str
    organisation: str
    sector: str
    employees: int
    address: Json
    email: str
    node: NodeEntry
    ik: str | None = None
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    organisation_id: str = ""

    def __post_init__(self) -> None:
        self.client = Client(self.node.url, Path(self.node.ca_file))

    def registration(self) -> Json:
        organisation: Json = {"name": self.organisation, "sector": self.sector, "employees": self.employees,
                              "address": self.address, "phone": "+49 351 0000100"}
        if self.ik:
            organisation["ik"] = self.ik
        return {"organisation": organisation, "acts_for_business": True,
                "accept": ["terms", "data_processing", "secrecy"],
                "user": {"salutation": "Frau", "first_name": "Juliane", "last_name": "Musterfrau",
                         "email": self.email, "password": self.password}}


def address(street: str, postal_code: str, city: str) -> Json:
    return {"street": street, "postal_code": postal_code, "city": city}


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failure(otherwise)


class CommandLine:
    """`elsec`, with a session of its own."""

    def __init__(self, person: Person, session: Path) -> None:
        self._person = person
        self._session = session

    def log_in(self) -> None:
        node = self._person.node
        self("--node", node.url, "--ca", node.ca_file, "login", "--email", self._person.email, "--password-stdin",
             given=self._person.password + "\n")

    def __call__(self, *arguments: str | Path, given: str = "") -> str:
        done = subprocess.run([ELSEC, "--session", self._session, *arguments], input=given, capture_output=True,
                              text=True, env=clean_environment())
        if done.returncode != 0:
            words = " ".join(map(str, arguments))
            raise Failure(f"elsec {words} ended with status {done.returncode}: {done.stderr.strip() or done.stdout}")
        return done.stdout


def tool(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure(f"{command[0]} objects: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Story:
    def __init__(self, workspace: Workspace, nodes: list[NodeEntry]) -> None:
        self.workspace = workspace
        self.nodes = nodes
        first, second = nodes
        self.sender = Person("a", "Klinikum Musterstadt", "hospital", 1200,
                             address("Am Alten Markt 1", "01067", "Musterstadt"), "entlassung@klinikum.example.org",
                             first, ik="260326822")
        self.receiver = Person("b", "Reha-Zentrum Musterwald", "rehabilitation", 85,
                               address("Waldstraße 12", "99998", "Musterwald"), "aufnahme@reha.example.org", second)
        self.practice = Person("c", "Hausarztpraxis Dr. Beispiel", "practice", 4,
                               address("Lindenweg 3", "01097", "Musterstadt"), "praxis@hausarzt.example.org", second)
        self.people = [self.sender, self.receiver, self.practice]
        self.person = {"name": "Gerhard Grünwald", "address": address("Lindenweg 7", "01097", "Musterstadt")}
        self.command_line = CommandLine(self.sender, workspace.folder / "a.session")
        self.receiver_command_line = CommandLine(self.receiver, workspace.folder / "b.session")
        self._step = 0

    def play(self) -> None:
        self.make_the_document()
        for person in self.people:
            self.register(person)
        self.grant_receive()
        self.find_in_directory()
        sent_events, received_events = self.sender.client.events(), self.receiver.client.events()
        try:
            self.upload()
            self.dispatch()
            self.receive(received_events)
            self.follow_to_collected(sent_events)
        finally:
            sent_events.close()
            received_events.close()
        self.look_at_letters()
        self.print_letters()
        self.save_and_verify_receipts()

    def done(self, text: str) -> None:
        self._step += 1
        say(f"{self._step:3}  {text}")

    def make_the_document(self) -> None:
        self.document, self.pages = discharge_letter.make()
        self.sha256 = hashlib.sha256(self.document).hexdigest()
        file = self.workspace.folder / "Entlassungsbrief.pdf"
        file.write_bytes(self.document)
        self.done(f"made a discharge letter of {self.pages} pages, {len(self.document)} bytes: {file}")

    def register(self, person: Person) -> None:
        registered = person.client.post("/api/v1/registrations", person.registration())
        person.organisation_id = registered["organisation_id"]
        check(registered["consulting_offered"] == (person.employees >= 100), "consulting is offered from 100 employees")
        person.client.sign_in(person.email, person.password)
        self.done(f"registered {person.organisation} on {person.node.name} ({person.organisation_id})")

    def grant_receive(self) -> None:
        node = self.receiver.node
        operator = Client(node.operator_url, Path(node.ca_file), node.operator_token)
        operator.put(f"/operator/v1/organisations/{self.receiver.organisation_id}/capabilities",
                     {"receive": True, "reason": "Demo: Angaben mit dem Klinikverzeichnis verglichen"})
        own = self.receiver.client.get("/api/v1/organisation")
        check(own["capabilities"]["receive"] and own["delivery"] == "electronic", "the grant is not in effect")
        self.done(f"the operator of {node.name} granted {self.receiver.organisation} receiving")

    def find_in_directory(self) -> None:
        """The cards reach the other node by themselves."""

        def cards() -> dict[str, Json] | None:
            found = {card["id"]: card for card in self.sender.client.get("/api/v1/directory?limit=500")["items"]}
            there = all(person.organisation_id in found for person in self.people)
            return found if there and found[self.receiver.organisation_id]["can_receive"] else None

        found = wait_for("the directory of node1 to know everyone", cards, STEP_SECONDS)
        check(not found[self.practice.organisation_id]["can_receive"], "the practice takes part without a grant")
        self.done(f"{self.sender.node.name} knows both from the directory: {self.receiver.organisation} takes part, "
                  f"{self.practice.organisation} does not")

    def upload(self) -> None:
        headers = {"Content-Type": "application/pdf",
                   "Elsec-Filename": urllib.parse.quote("Entlassungsbrief Grünwald.pdf")}
        answer = self.sender.client.send("POST", "/api/v1/documents", self.document, headers)
        record = answer.json()
        check(answer.status == 201 and record["sha256"] == self.sha256, f"uploaded something else: {record}")
        self.document_id = record["id"]
        self.done(f"{self.sender.organisation} uploaded it: {self.document_id}, on disk")

    def dispatch(self) -> None:
        body = {"recipients": [{"organisation_id": self.receiver.organisation_id},
                               {"organisation_id": self.practice.organisation_id}, self.person],
                "subject": "Entlassungsbrief", "message": "Mit der Bitte um Weiterbehandlung.",
                "case_ref": "FALL-2025-0314", "client_ref": "demo-1"}
        answer = self.sender.client.send("POST", f"/api/v1/documents/{self.document_id}/dispatches", body)
        accepted = answer.json()["dispatches"]
        routes = [each["route"] for each in accepted]
        check(answer.status == 202 and routes == ["electronic", "post", "post"], f"routes are {routes}")
        self.dispatches = [each["id"] for each in accepted]
        self.done(f"dispatched in one request to {self.receiver.organisation} (electronic), "
                  f"{self.practice.organisation} (post) and {self.person['name']} (post)")

    def receive(self, events: EventStream) -> None:
        event = events.wait_for("document.received", lambda e: e["type"] == "document.received", STEP_SECONDS)
        self.done(f"{self.receiver.organisation} saw it on its event stream: {event['document_id']}")
        inbox = self.receiver.client.get("/api/v1/documents?box=inbox")["items"]
        check([each["id"] for each in inbox] == [event["document_id"]], "the inbox holds something else")
        check(inbox[0]["from"]["organisation_id"] == self.sender.organisation_id, "the sender is wrong")
        check(inbox[0]["subject"] == "Entlassungsbrief", "the subject is wrong")
        self.done(f"and in its inbox: \"{inbox[0]['subject']}\" from {inbox[0]['from']['name']}")
        self.receiver_command_line.log_in()
        copy = self.workspace.folder / "received.pdf"
        self.receiver_command_line("get", event["document_id"], "-o", copy)
        check(copy.read_bytes() == self.document, "the downloaded document differs from the uploaded one")
        self.done("it downloaded the document: byte for byte the same")

    def follow_to_collected(self, events: EventStream) -> None:
        electronic = self.dispatches[0]
        for state in ("delivered", "collected"):
            events.wait_for(f"dispatch {state}", lambda e, state=state: (
                e["type"] == "dispatch.updated" and e.get("dispatch_id") == electronic and e.get("state") == state),
                STEP_SECONDS)
        timeline = [each["state"] for each in self.sender.client.get(f"/api/v1/dispatches/{electronic}")["timeline"]]
        check(timeline[3:4] == ["collected"] and timeline[2] == "delivered", f"the timeline is {timeline}")
        self.done(f"{self.sender.organisation} saw it delivered, then collected")

    def letters(self) -> list[Json]:
        """Of this story, in the order of the dispatches."""
        found = {each["dispatch_id"]: each for each in self.sender.client.get("/api/v1/letters")["items"]}
        return [found[dispatch] for dispatch in self.dispatches[1:] if dispatch in found]

    def look_at_letters(self) -> None:
        spool = Path(self.sender.node.spool_dir)

        def tickets() -> list[Path] | None:
            found = sorted(spool.glob("ltr_*.json"))
            return found if len(found) == 2 else None

        for ticket in wait_for("two letters in the spool", tickets, STEP_SECONDS):
            self.look_at_letter(ticket)
        check({each["id"] for each in self.letters()} == {each.stem for each in spool.glob("ltr_*.json")},
              "the letters are not those in the spool")

    def look_at_letter(self, ticket_file: Path) -> None:
        ticket = json.loads(ticket_file.read_text())
        letter = ticket_file.with_suffix(".pdf")
        check(hashlib.sha256(letter.read_bytes()).hexdigest() == ticket["pdf_sha256"], f"{letter} is not what the "
              "ticket says")
        paper = ticket["paper"]
        check((paper["format"], paper["colour"], paper["grammage_g_per_m2"]) == ("A4", "white", 80),
              f"the paper is {paper}")
        check(ticket["print"]["resolution_dpi"] == 300, "the resolution is not 300 dpi")
        tool("qpdf", "--check", letter)
        pages = self.check_page_sizes(letter)
        check(pages == ticket["pages"] and pages == self.pages + 1, f"{letter} has {pages} pages")
        cover = " ".join(tool("pdftotext", "-f", "1", "-l", "1", letter, "-").split())
        recipient = ticket["recipient"]
        check(all(line in cover for line in recipient), f"the cover page of {letter} does not show {recipient}")
        self.done(f"a letter to {', '.join(recipient)} lies in the spool: {pages} pages A4, cover page first")

    def check_page_sizes(self, letter: Path) -> int:
        """Every page is A4; answers how many there are."""
        lines = tool("pdfinfo", "-f", "1", "-l", "-1", letter).splitlines()
        sizes = [line.split(":", 1)[1].split() for line in lines if line.startswith("Page") and " size:" in line]
        for size in sizes:
            measured = round(float(size[0])), round(float(size[2]))
            check(measured == A4_POINTS, f"{letter} has a page of {measured} points")
        return len(sizes)

    def print_letters(self) -> None:
        spool = Path(self.sender.node.spool_dir)
        finished = spool / "done"
        finished.mkdir(exist_ok=True)
        moved = sorted(spool.glob("ltr_*.pdf")) + sorted(spool.glob("ltr_*.json"))
        for file in moved:
            os.rename(file, finished / file.name)
        self.done("the print room printed both letters and moved them to done/")
        all_sent: Callable[[], bool] = lambda: [each["state"] for each in self.letters()] == ["sent", "sent"]
        wait_for("both letters to be sent", all_sent, STEP_SECONDS)
        gone: Callable[[], bool] = lambda: not any((finished / file.name).exists() for file in moved)
        wait_for("the print room's files to go", gone, STEP_SECONDS)
        for dispatch in self.dispatches[1:]:
            state = self.sender.client.get(f"/api/v1/dispatches/{dispatch}")["state"]
            check(state == "sent", f"{dispatch} is {state}")
        self.done("both letters are sent, and their files are gone")

    def save_and_verify_receipts(self) -> None:
        """Through the command line, which needs no node for the verification."""
        self.command_line.log_in()
        keys, everything = self.workspace.receipts / "keys.json", self.workspace.receipts / "receipts.json"
        self.command_line("nodes", "-o", keys)
        self.command_line("receipts", self.document_id, "-o", everything)
        receipts = json.loads(everything.read_text())["items"]
        last = ("collected", "sent", "sent")
        for dispatch, expected in zip(self.dispatches, last, strict=True):
            kinds = {each["kind"] for each in receipts if each.get("dispatch_id") == dispatch}
            check(expected in kinds, f"{dispatch} has no receipt that it was {expected}, only {sorted(kinds)}")
        self.command_line("receipts", "verify", everything, "--keys", keys)
        self.done(f"saved {len(receipts)} receipts of all three dispatches; every signature holds: {everything}")
        self.check_that_forgery_is_noticed(everything, receipts, keys)

    def check_that_forgery_is_noticed(self, everything: Path, receipts: list[Json], keys: Path) -> None:
        forged = self.workspace.receipts / "forged.json"
        changed = [{**each, "sha256": "0" * 64} for each in receipts]
        forged.write_text(json.dumps({**json.loads(everything.read_text()), "items": changed}))
        try:
            self.command_line("receipts", "verify", forged, "--keys", keys)
        except Failure:
            self.done("a receipt that was altered is refused")
            return
        finally:
            forged.unlink()
        raise Failure("altered receipts were accepted")
