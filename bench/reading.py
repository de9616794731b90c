"""reading - a prompt of 2,000 characters read to a plan, in the program itself.

It has no peer; the bar is 2 ms.
"""
import rig
from result import Result


def measure(_, rounds):
    for name, us in rig.program("read", max(rounds, 5)).items():
        yield Result(f"reading: 2,000 characters, {name}", "us", us, bar=("<=", 2000), judge="value")
