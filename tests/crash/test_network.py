"""A worker that dies between the steps of a neural model, or while the frames are decoded: the next one
goes on from the last step, and the film is the one that nothing stopped.

The named steps need a program built with -Dchecks=true.
"""
import pathlib
import struct
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from house import OPTIONS  # noqa: E402 (the path above comes first)
from support.network import CATALOGUE  # noqa: E402
from support.pace import until  # noqa: E402
from support.pictures import data_uri, jpeg, scene  # noqa: E402
from support.server import Server  # noqa: E402

BODY = {"prompt": "an old fisherman looks out over a calm lake", "seed": 42}


def film_of(server, name):
    client = server.new_client(model="tiny")
    id = client.make(BODY["prompt"], seed=BODY["seed"])
    return id, client.download(client.completed(id)).body


@pytest.fixture(scope="module")
def undisturbed():
    with Server(*OPTIONS, workers=1, config=CATALOGUE) as server:
        _, film = film_of(server, "undisturbed")
        assert not kept(server), "what was kept leaves with the job"
    return film


@pytest.mark.parametrize("stage", ["step 1 of 4", "step 3 of 4", "decode frame 2 of 9"])
def test_a_killed_job_from_an_image_goes_on_to_the_same_film(stage, tmp_path):
    """The image's latent is made again and kept in the first frame of the steps that are left."""
    fields = {"seed": 7, "first_frame_image": data_uri(jpeg(scene(480, 320)))}
    env = {"ZOETROPE_CRASH_AT": stage, "ZOETROPE_CRASH_MARK": str(tmp_path / "mark")}
    films = []
    for crash in (None, env):
        with Server(*OPTIONS, workers=1, config=CATALOGUE, env=crash) as server:
            client = server.new_client(model="tiny-either")
            films.append(client.download(client.completed(client.make(BODY["prompt"], **fields))).body)
            until(lambda: not kept(server), what="the end of what was kept")
    assert (tmp_path / "mark").exists(), "a crash in this stage (built with -Dchecks=true?)"
    assert films[0] == films[1]


def test_a_state_that_cannot_be_kept_is_a_warning_in_the_log(tmp_path, undisturbed):
    with Server(*OPTIONS, workers=1, config=CATALOGUE) as server:
        folder = server.data / "kept"
        client = server.new_client(model="tiny")
        client.completed(client.make(BODY["prompt"]))  # its worker has begun, and has a folder
        until(lambda: not kept(server), what="the end of what was kept")
        folder.rmdir()
        folder.write_text("no folder")
        id = client.make(BODY["prompt"], seed=BODY["seed"])
        assert client.download(client.completed(id)).body == undisturbed
        log = server.log.read_text()
        assert log.count("cannot go on from here") == 1 and f"job {id}: " in log
        folder.unlink()


def kept(server):
    folder = server.data / "kept"
    return sorted(folder.iterdir()) if folder.exists() else []


def steps_done(path):
    magic, done = struct.unpack_from("<8sI", path.read_bytes())
    assert magic == b"ZTWAN1\0\0"
    return done


@pytest.mark.parametrize("stage, done", [("step 1 of 4", 0), ("step 3 of 4", 2), ("step 4 of 4", 3),
                                         ("decode frame 1 of 9", 4), ("decode frame 6 of 9", 4)])
@pytest.mark.parametrize("power", [False, True])
def test_a_killed_job_goes_on_from_its_last_step(stage, done, power, tmp_path, undisturbed):
    env = {"ZOETROPE_CRASH_AT": stage, "ZOETROPE_CRASH_MARK": str(tmp_path / "mark")}
    with Server(*OPTIONS, workers=0 if power else 1, config=CATALOGUE, env=env) as server:
        client = server.new_client(model="tiny")
        id = client.make(BODY["prompt"], seed=BODY["seed"])
        if power:
            server.terminate()
            server.words[server.words.index("--workers") + 1] = "1"
            server.restart()
        until((tmp_path / "mark").exists, what="a crash in this stage (built with -Dchecks=true?)")
        if power:
            server.kill_all()
            files = kept(server)
            assert [p.name for p in files if done] == [id][:bool(done)]
            if done:
                assert steps_done(files[0]) == done
            server.restart()
        assert client.download(client.completed(id)).body == undisturbed
        until(lambda: not kept(server), what="the end of what was kept")


def test_a_state_that_was_garbled_is_not_taken(tmp_path, undisturbed):
    env = {"ZOETROPE_CRASH_AT": "step 3 of 4", "ZOETROPE_CRASH_MARK": str(tmp_path / "mark")}
    with Server(*OPTIONS, workers=1, config=CATALOGUE, env=env) as server:
        client = server.new_client(model="tiny")
        id = client.make(BODY["prompt"], seed=BODY["seed"])
        until((tmp_path / "mark").exists, what="a crash in this stage (built with -Dchecks=true?)")
        server.kill_all()
        state = kept(server)[0]
        bytes = bytearray(state.read_bytes())
        bytes[200] ^= 1
        state.write_bytes(bytes)
        server.restart()
        assert client.download(client.completed(id)).body == undisturbed
