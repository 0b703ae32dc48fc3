"""The API's description as other people's programs read it: a linter, and the makers of clients."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from common import ELSECD, clean_environment  # noqa: E402  (the folder is on the path only now)

API = ROOT / "tests" / "api"
PROGRAMS = API / "node_modules" / ".bin"
# None of them may ask the network for anything.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=API, env={**clean_environment(), **QUIET}, capture_output=True, text=True)


class Description(unittest.TestCase):
    folder: "tempfile.TemporaryDirectory[str]"
    file: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.file = Path(cls.folder.name) / "openapi.json"
        cls.file.write_text(subprocess.run([ELSECD, "--openapi"], env=clean_environment(), capture_output=True,
                                           text=True, check=True).stdout)

    def test_the_program_prints_it_without_a_node(self) -> None:
        description = json.loads(self.file.read_text())
        self.assertEqual(description["openapi"], "3.1.0")
        self.assertIn("/documents", description["paths"])

    def test_a_linter_finds_nothing_to_say(self) -> None:
        done = run(PROGRAMS / "redocly", "lint", "--config", API / "redocly.yaml", "--format", "json", self.file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        totals = json.loads(done.stdout)["totals"]
        self.assertEqual(totals, {"errors": 0, "warnings": 0, "ignored": 0}, done.stdout)

    def test_a_typescript_client_made_from_it_compiles(self) -> None:
        types = self.file.with_suffix(".d.ts")
        made = run(PROGRAMS / "openapi-typescript", self.file, "--output", types)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        project = self.file.with_name("tsconfig.json")
        project.write_text(json.dumps({
            "extends": str(API / "tsconfig.json"),
            "compilerOptions": {"paths": {"elsec-api": [str(types)]}},
            "files": [str(API / "usage.ts")]}))
        done = run(PROGRAMS / "tsc", "--project", project)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
