"""reading - a prompt of 2,000 characters read to a plan, in the program itself.

It has no peer; the design says 2 ms.
"""
from result import Result

BAR_US = 2000


def measure(r, rounds):
    for name, us in r_program(r, rounds).items():
        yield Result(f"reading: 2,000 characters, {name}", "us", us, "the bar", [BAR_US] * len(us),
                     [a / BAR_US for a in us], ("<=", 1))


def r_program(_, rounds):
    import rig
    return rig.program("read", max(rounds, 5))
