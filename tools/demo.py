"""`./dev demo`: two nodes, and the story of one discharge letter that reaches three recipients by two routes.

Every step prints one line and is checked; the first that does not hold ends the demo with status 1.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

import network
import story
from common import ROOT, Failure, failures_end_the_program, leave, say

DEFAULT_FOLDER = ROOT / "build" / "demo"


def clear(workspace: story.Workspace) -> None:
    """Removes what an earlier demo left, and nothing else."""
    folder = workspace.folder
    if folder.exists() and any(folder.iterdir()) and not workspace.mark.exists():
        raise Failure(f"{folder} holds something else than an earlier demo; choose another folder with --dir")
    if network.Network(workspace.network).processes():
        network.down(workspace.network)
    workspace.clear()


def show_log_ins(played: story.Story) -> None:
    say("")
    for person in played.people:
        say(f"{person.organisation} on {person.node.name}: {person.node.browser_url}  {person.email}  {person.password}")
    for entry in played.nodes:
        say(f"{entry.name} for programs: {entry.url}")
        say(f"operator of {entry.name}: {entry.operator_url}  token {entry.operator_token}")
    say(f"certificate authority: {played.nodes[0].ca_file}")
    say(f"files: {played.workspace.folder}")
    say("Ctrl-C ends the demo.")


def wait_for_the_end() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--once", action="store_true", help="leave after the story")
    parser.add_argument("--dir", type=Path, default=DEFAULT_FOLDER, help="folder the demo lives in")
    wanted = parser.parse_args()
    workspace = story.Workspace(wanted.dir.resolve())
    clear(workspace)
    workspace.make()
    begin = time.monotonic()
    started = False
    try:
        nodes = network.up(workspace.network, 2)
        started = True
        played = story.Story(workspace, nodes)
        try:
            played.play()
        except Failure as failure:
            say(f"FAILED  {failure}")
            leave(f"the nodes' logs are {', '.join(entry.log_file for entry in nodes)}")
        say(f"every step held ({time.monotonic() - begin:.1f} s)")
        if not wanted.once:
            show_log_ins(played)
            wait_for_the_end()
    finally:
        stubborn = network.down(workspace.network) if started else []
    if stubborn:
        leave(f"did not stop in time: {', '.join(stubborn)}")
    workspace.clear_after_success()


if __name__ == "__main__":
    with failures_end_the_program():
        main()
    sys.exit(0)
