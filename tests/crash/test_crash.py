"""kill -9 of server and workers, at random instants under load and at every step of a job.

    ZOETROPE_CRASH_ROUNDS   how many shots at random instants, over all groups (200)

The named steps need a program built with -Dchecks=true.
"""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from house import FRAMES, OPTIONS, PRICE, House, count_frames, sweep  # noqa: E402 (the path above comes first)
from support.origin import Origin  # noqa: E402
from support.pace import until  # noqa: E402
from support.pictures import simple_png  # noqa: E402
from support.server import MODELS, Server  # noqa: E402

ROUNDS = int(os.environ.get("ZOETROPE_CRASH_ROUNDS", "200"))
GROUPS = 8
STEPS = ("claimed", "fetched", "decoded", "drawing", "encoded", "poster-published",
         "preview-published", "published", "finished")


def share(i):
    """How many of the rounds group i has."""
    return (ROUNDS + i) // GROUPS


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_shots_lose_nothing(group, tmp_path):
    with House(seed=group, lone_worker=group % 2 == 1, networks=group % 4 >= 2) as house:
        house.load()
        for _ in range(share(group)):
            house.shoot()
        ends = house.question(tmp_path)
        assert ends["completed"] > 0, ends


def test_the_groups_have_all_rounds():
    assert sum(share(i) for i in range(GROUPS)) == ROUNDS


@pytest.fixture(scope="module")
def origin():
    server = Origin()
    server.add("/first.png", simple_png(400, 400))
    yield server
    server.close()


def armed(step, folder, once):
    env = {"ZOETROPE_CRASH_AT": step}
    if once:
        env["ZOETROPE_CRASH_MARK"] = str(folder / "mark")
    return Server(*OPTIONS, "--fetch-allow", "127.0.0.0/8", workers=1, config=MODELS, env=env)


def order(server, origin):
    """A job that passes every step, of a key that can pay for just one."""
    client = server.new_client("--credits", str(PRICE), model="clip")
    return client, client.make("a calm scene", image_url=origin.url("/first.png"))


def videos(server):
    """Videos, and what lies beside each of them: whole sets of three, and nothing else."""
    return [p for p in (server.data / "blobs" / "generations").rglob("*") if p.is_file()]


def check_completed(client, id, folder):
    job = client.completed(id)
    film = folder / "film.mp4"
    film.write_bytes(client.download(job).body)
    assert count_frames(film) == FRAMES["clip"]
    assert client.balance() == 0
    assert [t["reference_id"] for t in client.transactions()] == [id, None]
    client.server.env = {}
    sweep(client.server)
    until(lambda: len(videos(client.server)) == 3,
          what="one video, its poster and its preview on disk")
    assert client.server.command("doctor", check=False).returncode == 0


def shot(folder):
    mark = folder / "mark"
    until(mark.exists, what="a crash at this step (is the program built with -Dchecks=true?)")


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_once_at_a_step_costs_nothing(step, tmp_path, origin):
    with armed(step, tmp_path, once=True) as server:
        client, id = order(server, origin)
        shot(tmp_path)
        check_completed(client, id, tmp_path)


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_a_step_costs_nothing(step, tmp_path, origin):
    with armed(step, tmp_path, once=True) as server:
        client, id = order(server, origin)
        shot(tmp_path)
        server.kill_all()
        server.restart()
        check_completed(client, id, tmp_path)


@pytest.mark.parametrize("step", STEPS)
def test_a_job_that_always_dies_at_a_step_ends(step, tmp_path, origin):
    with armed(step, tmp_path, once=False) as server:
        client, id = order(server, origin)
        if step == "finished":
            check_completed(client, id, tmp_path)
            return
        job = client.until(id)
        assert job["status"] == "error", job
        assert client.balance() == PRICE and len(client.transactions()) == 1
        server.env = {}
        sweep(server)
        until(lambda: not videos(server), what="the end of videos that belong to no job")
        assert client.create().status == 200, "the credits are free again"
        assert server.command("doctor", check=False).returncode == 0
