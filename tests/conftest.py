"""Fixtures of the black-box suites: the program under test, with keys, as processes.

    ZOETROPE_BIN    the program (build/zoetrope), built with -Dchecks=true as tools/test does: such a
                    build takes the short times that some tests set, and crashes at named steps
    ZOETROPE_SLOW   how many times longer to wait than for a plain build (1)
"""
import contextlib
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.server import BINARY, MODELS, Server  # noqa: E402 (the path above comes first)


def pytest_configure(config):
    config.addinivalue_line("markers", "quick: makes no video; part of `make check`")
    config.addinivalue_line("markers", "threads: worth a run under ThreadSanitizer")


def pytest_make_parametrize_id(config, val, argname):
    """Long values as their beginning: names of tests are read by people."""
    if isinstance(val, (str, bytes)) and len(val) > 40:
        return f"{ascii(val[:30])[1:-1]}...{len(val)}"
    return None


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no program at {BINARY}: build it, or name one in ZOETROPE_BIN", 2)


@pytest.fixture(scope="session")
def idle():
    """A server without workers: what is queued stays queued."""
    with Server(workers=0) as server:
        yield server


@pytest.fixture
def api(idle):
    """A client with a fresh key on the idle server."""
    return idle.new_client()


@pytest.fixture(scope="session")
def studio():
    """A server that makes videos, and may fetch images from this machine."""
    with Server("--fetch-allow", "127.0.0.0/8", workers=1, config=MODELS) as server:
        yield server


@pytest.fixture
def maker(studio):
    """A client with a fresh key on the server that makes videos: short ones unless told else."""
    return studio.new_client(model="flash")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.failed = outcome.get_result().failed


@pytest.fixture
def serve(request):
    """Start servers of one's own; ended and looked over afterwards."""
    started = []

    def start(*options, **named):
        server = Server(*options, **named)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        if getattr(request.node, "failed", False):
            server.tell_log()
    with contextlib.ExitStack() as ends:
        for server in started:
            ends.callback(server.close)
            ends.callback(server.end_well)
