"""growth - the same verbs on a store of 1,000 finished jobs and of 1,000,000.

The design says that they must not grow, and gives no number. A thousand times the jobs is twice the
depth of a tree and memory that no cache of the processor holds: a read may take that, 2.5 times; what
waits for the disk may not be seen to grow, 1.5.

ZOETROPE_BENCH_TOP is the larger number (filling a million takes minutes).
"""
import os

import rig
from result import Result

FEW = 1000
BARS = {"poll": 2.5}


def measure(r, rounds):
    many = int(os.environ.get("ZOETROPE_BENCH_TOP", "1000000"))
    folder = r.fresh_folder("growth")
    folder.mkdir()
    found = rig.program("fill", folder, FEW, many, max(rounds, 5))
    for name, us in found.items():
        ratios = [a / b for a, b in zip(us["many"], us["few"])]
        yield Result(f"growth: {name}, {many:,} jobs", "us", us["many"], f"{FEW:,} jobs", us["few"],
                     ratios, ("<=", BARS.get(name, 1.5)))
