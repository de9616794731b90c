"""growth - the same verbs on a store of 1,000 finished jobs and of 1,000,000.

ZOETROPE_BENCH_TOP is the larger number (filling a million takes minutes).
"""
import os

import rig
from result import Result

FEW = 1000


def measure(r, rounds):
    many = int(os.environ.get("ZOETROPE_BENCH_TOP", "1000000"))
    folder = r.fresh_folder("growth")
    folder.mkdir()
    found = rig.program("fill", folder, FEW, many, max(rounds, 5))
    for name, us in found.items():
        ratios = [a / b for a, b in zip(us["many"], us["few"])]
        yield Result(f"growth: {name}, {many:,} jobs", "us", us["many"], f"{FEW:,} jobs", us["few"],
                     ratios, ("<=", 1.5))
