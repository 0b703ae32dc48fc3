"""Development networks: what can be said about them without starting a node."""

import os
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import certificates  # noqa: E402
import network  # noqa: E402
import node_config  # noqa: E402
import processes  # noqa: E402
from common import Failure  # noqa: E402
from node_config import NodeFiles, Ports  # noqa: E402
from processes import Process  # noqa: E402


class Configuration(unittest.TestCase):
    def written(self, *overrides: str) -> dict[str, dict[str, object]]:
        with tempfile.TemporaryDirectory() as folder:
            node = NodeFiles("node1", Path(folder))
            node_config.write_configurations([node], [Ports(1, 2, 3)], [{"curve_key": 'a"b', "receipt_key": "c"}],
                                             list(overrides))
            return tomllib.loads(node.configuration.read_text())

    def test_it_is_made_for_development(self) -> None:
        written = self.written()
        self.assertIs(written["spool"]["plaintext"], True)
        self.assertEqual(written["letters"]["grace_seconds"], 0)
        self.assertIs(written["slots"]["any_file_system"], True)
        self.assertEqual(written["https"]["listen"], "127.0.0.1:1")
        self.assertEqual(written["https"]["public_url"], "https://node1.localhost:1")
        self.assertEqual(written["nodes"][0]["curve_key"], 'a"b')  # type: ignore[index]

    def test_a_setting_can_be_set_as_number_flag_or_text(self) -> None:
        written = self.written("limits.idle_seconds=5", "spool.plaintext=false", "log.level=debug",
                               'log.file="with \\"quotes\\""', "letters.grace_seconds = 7")
        self.assertEqual(written["limits"], {"idle_seconds": 5})
        self.assertIs(written["spool"]["plaintext"], False)
        self.assertEqual(written["log"], {"level": "debug", "file": 'with "quotes"'})
        self.assertEqual(written["letters"]["grace_seconds"], 7)

    def test_a_setting_without_section_or_value_is_refused(self) -> None:
        for bad in ("idle_seconds=5", "limits.idle_seconds", "=", ".=1", "limits.a b=1"):
            with self.assertRaises(Failure):
                node_config.parse_override(bad)


class ChosenPorts(unittest.TestCase):
    def test_they_are_distinct_and_free(self) -> None:
        ports = node_config.free_ports(60)
        self.assertEqual(len(set(ports)), 60)

    def test_a_base_port_counts_up(self) -> None:
        self.assertEqual(node_config.choose_ports(2, 9000), [Ports(9000, 9001, 9002), Ports(9003, 9004, 9005)])
        with self.assertRaises(Failure):
            node_config.choose_ports(2, 65_531)


class Folder(unittest.TestCase):
    def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "thesis.txt"
            file.write_text("mine")
            with self.assertRaisesRegex(Failure, "not empty"):
                network.check_folder(network.Network(Path(folder)))
            self.assertEqual(file.read_text(), "mine")

    def test_an_empty_or_missing_folder_is_taken(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            network.check_folder(network.Network(Path(folder)))
            network.check_folder(network.Network(Path(folder) / "new"))


class Processes(unittest.TestCase):
    def test_another_process_with_the_same_id_is_not_ours(self) -> None:
        own = processes._stat(os.getpid())
        assert own is not None
        self.assertTrue(processes.is_alive(Process(os.getpid(), own[1])))
        self.assertFalse(processes.is_alive(Process(os.getpid(), own[1] - 1)))

    def test_a_dead_process_nobody_has_waited_for_is_dead(self) -> None:
        child = subprocess.Popen(["true"])
        about = processes._stat(child.pid)
        assert about is not None
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertFalse(processes.is_alive(Process(child.pid, about[1])))
        child.wait()


class Certificates(unittest.TestCase):
    def test_R12_a_nodes_certificate_is_for_its_names_and_signed_by_the_authority(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            authority = certificates.make_authority(Path(folder) / "ca")
            certificates.make_certificate(Path(folder) / "tls", authority.parent, "node7", ["127.0.0.1"])
            leaf = Path(folder) / "tls" / "certificate.pem"
            for name in (["-verify_hostname", "node7.localhost"], ["-verify_hostname", "localhost"],
                         ["-verify_ip", "127.0.0.1"]):
                done = subprocess.run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
                                       authority, *name, leaf], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((leaf.parent / "private-key.pem").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
