"""How long a test is willing to wait: generous, and longer still for slow builds.

No test passes or fails by speed. A deadline only says when a thing that never comes has not come.
"""
import os
import time

SLOW = float(os.environ.get("ZOETROPE_SLOW", "1"))

# A build whose sanitizers slow it down also keeps memory that the program has freed.
SANITIZED = SLOW > 1


def seconds(n):
    """n seconds of a plain build, on the build under test."""
    return n * SLOW


def until(condition, limit=60, pause=0.02, what="the condition"):
    """Wait until condition() is true and return its value; fail after limit seconds."""
    end = time.monotonic() + seconds(limit)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds(limit):.0f} s")
        time.sleep(pause)
