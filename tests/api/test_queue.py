"""Who takes which job where servers, workers and their configurations differ, and what is left behind."""
import contextlib
import os
import signal
import time

import pytest

from support.client import UNIVERSAL
from support.network import row
from support.pace import until
from support.server import MODELS, Server, Worker, put_to_sleep

PROMPT = "an old fisherman looks out over a calm lake"
LONG = row("long", settings=["steps = 1000", "size = 128x128", "length = 33"])
ENDLESS = row("endless", settings=["steps = 1000", "size = 256x256", "length = 81"])
NETWORKS = MODELS + row("tiny") + LONG + ENDLESS


@contextlib.contextmanager
def lone_worker(server, config, *options):
    """zoetrope work beside the server, with a config file of its own."""
    path = server.folder / f"lone-{time.monotonic_ns()}.yaml"
    path.write_text(config)
    worker = Worker(server.data, "--config", path, *options, folder=server.folder)
    try:
        yield worker.launch()
        assert worker.terminate() == 0
        worker.check_log()
    finally:
        worker.clean()


def configure(server, config):
    """Another config file for the next start."""
    (server.folder / "zoetrope.yaml").write_text(config)


def kept(server):
    folder = server.data / "kept"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_a_lone_worker_without_the_servers_config_leaves_its_models_to_others():
    """It took their jobs and ended them: an error for good of what others could have made."""
    with Server(config=MODELS + row("tiny")) as server:
        client = server.new_client(model="tiny")
        job = client.make(PROMPT)
        with lone_worker(server, MODELS):
            client.completed(client.make(PROMPT, model="flash"))
            assert client.poll(job).json["status"] == "queued"
        with lone_worker(server, MODELS + row("tiny")):
            client.completed(job)


def test_jobs_of_a_model_that_left_the_config_end_and_cost_nothing():
    """Behind a restart, as no worker takes them; what got another id goes on under its alias."""
    old = MODELS + row("tiny") + "  - {id: short, width: 320, height: 180, frames: 5}\n"
    new = MODELS + "  - {id: brief, aliases: short, width: 320, height: 180, frames: 5}\n"
    with Server(config=old) as server:
        client = server.new_client("--credits", "1000000")
        gone = client.make(PROMPT, model="tiny")
        renamed = client.make(PROMPT, model="short")
        server.terminate()
        configure(server, new)
        server.words[server.words.index("--workers") + 1] = "1"
        server.restart()
        client.completed(renamed)
        job = client.until(gone)
        assert job["status"] == "error" and "not offered any more" in job["error"]["message"], job
        assert client.balance() == 1000000 - 120000, "the price of the other"
        server.command("doctor")


def test_a_server_leaves_jobs_of_models_that_another_accepts():
    with Server(workers=1, config=MODELS) as first:
        second = Server(data=first.data, workers=0, config=MODELS + row("tiny"))
        try:
            second.start()
            client = second.client(model="tiny")
            job = client.make(PROMPT)
            client.completed(client.make(PROMPT, model="flash"))
            assert client.poll(job).json["status"] == "queued"
            with lone_worker(first, MODELS + row("tiny")):
                client.completed(job)
            assert second.terminate() == 0
        finally:
            second.close()


@pytest.mark.threads
def test_two_servers_and_a_lone_worker_let_one_network_run_at_a_time():
    with Server(workers=1, config=NETWORKS) as first:
        second = Server(data=first.data, workers=1, config=NETWORKS)
        try:
            second.start()
            with lone_worker(first, NETWORKS):
                client = second.client(model="endless")
                running = client.make(PROMPT)
                client.until(running, "generating")
                waiting = [client.make(PROMPT, model="tiny") for _ in range(3)]
                for _ in range(3):
                    client.completed(client.make(PROMPT, model="flash"))
                assert [client.poll(id).json["status"] for id in waiting] == ["queued"] * 3
                assert client.cancel(waiting[1]).status == 200, "while it waits for the turn"
                assert first.client().cancel(running).status == 200
                client.completed(waiting[0])
                client.completed(waiting[2])
                assert client.poll(waiting[1]).json["status"] == "error"
            assert second.terminate() == 0
        finally:
            second.close()


@pytest.mark.parametrize("forget", [False, True])
def test_nothing_is_kept_of_a_network_that_was_cancelled(forget):
    """Its last step lay in DATA/kept for up to two hours, also when the record was to be forgotten."""
    with Server(workers=1, config=NETWORKS) as server:
        client = server.new_client(model="long")
        id = client.make(PROMPT)
        until(lambda: id in kept(server), what="a step that is kept")
        answer = client.delete(UNIVERSAL, params={"generation_id": id,
                                                  **({"forget": "true"} if forget else {})})
        assert answer.status == 200, answer
        client.completed(client.make(PROMPT, model="flash"))
        until(lambda: not kept(server), limit=20, what="the end of what was kept")


def test_nothing_is_kept_of_a_network_that_was_cancelled_between_two_attempts():
    with Server(workers=1, config=NETWORKS) as server:
        client = server.new_client(model="long")
        id = client.make(PROMPT)
        until(lambda: id in kept(server), what="a step that is kept")
        server.terminate()
        server.words[server.words.index("--workers") + 1] = "0"
        server.restart()
        assert kept(server) and client.poll(id).json["status"] == "queued"
        assert client.cancel(id).status == 200
        server.terminate()
        server.restart()
        until(lambda: not kept(server), limit=20, what="the end of what was kept")


def test_a_worker_that_stands_still_with_the_turn_gives_it_back_when_it_ends():
    with Server("--lease", "2s", workers=1, config=NETWORKS) as server:
        client = server.new_client(model="endless")
        running = client.make(PROMPT)
        client.until(running, "generating")
        holder = server.workers()[0]
        with lone_worker(server, NETWORKS, "--lease", "2s"):
            put_to_sleep(holder, server.data)
            client.until(running, "queued")
            waiting = client.make(PROMPT, model="tiny")
            client.completed(client.make(PROMPT, model="flash"))
            assert client.poll(waiting).json["status"] == "queued"
            assert client.cancel(running).status == 200
            os.kill(holder, signal.SIGKILL)
            client.completed(waiting)


def test_a_network_that_another_program_leaves_no_memory_is_tried_again(tmp_path):
    """It was an error for good, of a job that only had to wait."""
    left = tmp_path / "left"
    left.write_text("1000")
    with Server("--lease", "1s", workers=2, config=NETWORKS,
                env={"ZOETROPE_MEMORY_FILE": str(left)}) as server:
        client = server.new_client(model="tiny")
        id = client.make(PROMPT)
        until(lambda: "back to the queue" in server.log.read_text(), what="a first try")
        client.completed(client.make(PROMPT, model="flash"))
        assert client.poll(id).json["status"] == "queued"
        left.write_text("100000000000")
        client.completed(id)
        left.write_text("1000")
        job = client.until(client.make(PROMPT))
        assert job["status"] == "error" and "GiB are free" in job["error"]["message"], job
        assert "ended with status" not in server.log.read_text(), "its worker goes on"


@pytest.mark.parametrize("text", ["models:\n  - {id: another}\n", "models: [", ""])
def test_a_config_that_was_changed_counts_from_the_servers_next_start(text):
    """A worker that died was replaced by one that knew other models than its server, or ended at once."""
    with Server(workers=1, config=NETWORKS) as server:
        client = server.new_client(model="tiny")
        client.completed(client.make(PROMPT, model="flash"))
        configure(server, text)
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)
        until(lambda: server.workers() not in ([], before), what="another worker")
        client.completed(client.make(PROMPT))
