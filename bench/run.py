"""run - every measurement of the design's table, one line each: name, value, ratio to its peer,
bar, spread over the rounds.

    bench/run.py [--rounds N] [--patience SECONDS] [--json FILE] [WORD...]

With words, only the groups whose name has one of them.
"""
import argparse
import json
import pathlib
import platform
import signal
import sys
import time

import creates
import footprint
import growth
import ops
import peer_wan
import poll
import reading
import rig
import step
import storyboard

GROUPS = {"storyboard": storyboard, "reading": reading, "poll": poll, "creates": creates, "footprint": footprint,
          "growth": growth, "ops": ops, "step": step, "peer_wan": peer_wan}


def machine():
    model = platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {rig.CORES} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=rig.patience_s, metavar="SECONDS",
                        help="wait so long for a quiet machine before each round")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("words", nargs="*", metavar="WORD")
    args = parser.parse_args()
    rig.patience_s = args.patience
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is ended
    print(f"{machine()}; medians of {args.rounds} rounds, ours and the peer's in turns", flush=True)
    results, failed = [], False
    for name, group in GROUPS.items():
        if args.words and not any(w in name for w in args.words):
            continue
        began = time.monotonic()
        with rig.Rig() as r:
            try:
                for result in group.measure(r, args.rounds):
                    results.append(result)
                    print(result.line(), flush=True)
            except rig.Skipped as e:
                print(f"{name}: skipped: {e}", flush=True)
            except rig.Trouble as e:
                failed = True
                print(f"bench: {name}: {e}", file=sys.stderr, flush=True)
        print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(
            {"machine": machine(), "results": [r.as_dict() for r in results]}, indent=1) + "\n")
    missed = [r.name for r in results if r.met() is False]
    print(f"{sum(r.met() is True for r in results)} bars reached, {len(missed)} missed"
          + (": " + "; ".join(missed) if missed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
