"""Run the simulator from the command line: python tests/simulator --port 8900 --speed 60."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

# this folder itself must not be on the path: its module names are too common
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from simulator import Simulator
from simulator.control import HELP
from simulator.fault_kinds import KINDS

LINK_REAL_SECONDS = 20


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulator", description="Local stand-in for the services of Groundtrack.")
    parser.add_argument("--port", type=int, default=8900, help="first port; storage takes the next one")
    parser.add_argument("--speed", type=float, default=1.0, help="virtual seconds per real second")
    parser.add_argument("--seed", type=int, default=None, help="makes job ids and results repeatable")
    parser.add_argument("--run-time", type=float, default=None, help="virtual seconds each job takes")
    return parser.parse_args()


def show(simulator: Simulator) -> None:
    """Print addresses, keys and switches."""
    print(f"SateAIs   {simulator.sateais.url}")
    for use, key in simulator.sateais.described()["keys"].items():
        print(f"  key     {key}  ({use})")
    print(f"Storage   {simulator.storage.url}")
    print(f"Clock     {simulator.clock.speed:g} virtual seconds per second\n\nControl on the first address")
    for route, text in HELP.items():
        print(f"  {route:26} {text}")
    print(f"\nSwitches  {', '.join(simulator.sateais.described()['settings'])}")
    print(f"Job plan  {', '.join(simulator.sateais.described()['settings']['plan'])}\n\nKinds of faults")
    for name, kind in sorted(KINDS.items()):
        print(f"  {name:26} {kind.help}")
    sys.stdout.flush()


def main() -> None:
    """Serve until interrupted."""
    options = arguments()
    with Simulator(options.speed, port=options.port, seed=options.seed) as simulator:
        settings = simulator.sateais.settings
        settings.link_seconds = max(settings.link_seconds, LINK_REAL_SECONDS * options.speed)
        settings.plan.run_time = options.run_time
        show(simulator)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()
