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
from simulator.exports import exports
from simulator.fault_kinds import KINDS

LINK_REAL_SECONDS = 20


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulator", description="Local stand-in for the services of Groundtrack.")
    parser.add_argument("--port", type=int, default=8900, help="first port; the other services take the next ones (0: any that are free)")
    parser.add_argument("--speed", type=float, default=1.0, help="virtual seconds per real second")
    parser.add_argument("--seed", type=int, default=None, help="makes job ids and results repeatable")
    parser.add_argument("--run-time", type=float, default=None, help="virtual seconds each job takes")
    parser.add_argument("--buckets", action="store_true", help="start the object storage of Sentinel Hub and show its keys")
    return parser.parse_args()


def show_buckets(simulator: Simulator) -> None:
    """Start the object storage and print how to reach it."""
    s3, gcs = simulator.s3.described(), simulator.gcs.described()
    print(f"S3        {s3['endpoint']}  buckets {', '.join(s3['buckets'])}\n  role    {s3['role_arn']}")
    for use, (key_id, secret) in s3["keys"].items():
        print(f"  key     {key_id} {secret}  ({use})")
    print(f"GCS       {gcs['url']}  bucket {gcs['bucket']}\n")


def show(simulator: Simulator) -> None:
    """Print addresses, keys and switches."""
    services = {"SateAIs": simulator.sateais, "ASTRA": simulator.astra, "Sentinel": simulator.sentinelhub,
                "Mapflow": simulator.mapflow}
    for title, service in services.items():
        print(f"{title:9} {service.url}")
        for use, key in service.described()["keys"].items():
            print(f"  key     {key}  ({use})")
    for scene_id in simulator.astra.described()["scenes"]:
        print(f"  scene   {scene_id}")
    print(f"Storage   {simulator.storage.url}")
    print(f"Clock     {simulator.clock.speed:g} virtual seconds per second\n\nControl on the first address")
    for route, text in HELP.items():
        print(f"  {route:26} {text}")
    for service in services.values():
        settings = service.described()["settings"]
        print(f"\nSwitches of {service.name}\n  {', '.join(settings)}\nJob plan of {service.name}\n  {', '.join(settings['plan'])}")
    print("\nKinds of faults")
    for name, kind in sorted(KINDS.items()):
        print(f"  {name:26} {kind.help}")


def main() -> None:
    """Serve until interrupted."""
    options = arguments()
    with Simulator(options.speed, port=options.port, seed=options.seed) as simulator:
        settings, astra = simulator.sateais.settings, simulator.astra.settings
        shortest = LINK_REAL_SECONDS * options.speed
        settings.link_seconds = max(settings.link_seconds, shortest)
        astra.link_seconds, astra.asset_seconds = max(astra.link_seconds, shortest), max(astra.asset_seconds, shortest)
        settings.plan.run_time = options.run_time
        for plan in (astra.plan, simulator.mapflow.settings.plan):
            plan.run_time = plan.run_time if options.run_time is None else options.run_time
        if options.buckets:
            show_buckets(simulator)
        show(simulator)
        print(f"\n{exports(simulator, options.buckets)}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()
