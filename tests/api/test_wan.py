"""Neural models through the program: from the config file, through the API, at the command line."""
import os
import resource
import signal
import subprocess

import numpy
import pytest

from support.client import UNIVERSAL, issues
from support.network import GOLDEN, lora, row, ti2v
from support.pace import seconds
from support.pictures import data_uri, frames, jpeg, scene
from support.server import BINARY, MODELS, Server, command

PROMPT = "an old fisherman looks out over a calm lake"
IMAGE_ENCODER = f"image-encoder = {GOLDEN}/clip_vision.safetensors"


@pytest.fixture(scope="module")
def adaptation(tmp_path_factory):
    return lora(tmp_path_factory.mktemp("lora") / "a.safetensors")


@pytest.fixture(scope="module")
def config(adaptation):
    return MODELS + "".join([
        row("tiny"),
        row("tiny-lora", settings=[f"lora = {adaptation} 2.0"]),
        ti2v("tiny-either"),
        row("tiny-image", "dit_i2v21", [IMAGE_ENCODER], image_required="true"),
        row("endless", settings=["steps = 1000", "size = 256x256", "length = 81"]),
        row("vast", settings=["size = 8192x8192", "length = 10001"]),
        "  - {id: wan2.1-t2v-14b}\n",
        "  - {id: nowhere, engine: wan}\n",
        row("unfit", settings=[f"lora = {GOLDEN}/umt5.safetensors"]),
    ])


@pytest.fixture(scope="module")
def network(config):
    with Server(workers=1, config=config) as server:
        yield server


def film(server, tmp_path, model, seed=1, **fields):
    """The decoded frames of a film of this model."""
    client = server.new_client(model=model)
    job = client.completed(client.make(PROMPT, seed=seed, **fields))
    path = tmp_path / f"{model}-{job['id']}.mp4"
    path.write_bytes(client.download(job).body)
    return job, frames(path)


def test_a_model_of_the_config_makes_a_video(network, tmp_path):
    job, first = film(network, tmp_path, "tiny")
    assert first.shape == (9, 64, 96, 3)
    assert job["meta"]["engine"] == "wan" and job["meta"]["fps"] == 16
    made = job["meta"]["network"]
    assert "Wan 2.1 text to video" in made["name"] and made["steps"] == 4
    assert (made["width"], made["height"], made["frames"]) == (48, 32, 9)
    _, again = film(network, tmp_path, "tiny")
    assert numpy.array_equal(first, again), "the same seed, the same film"
    _, other = film(network, tmp_path, "tiny", seed=2)
    assert not numpy.array_equal(first, other)


def test_an_image_decides_the_film(network, tmp_path):
    image = data_uri(jpeg(scene(480, 320)))
    _, first = film(network, tmp_path, "tiny-image", first_frame_image=image)
    assert first.shape == (9, 64, 96, 3)
    _, other = film(network, tmp_path, "tiny-image",
                    first_frame_image=data_uri(jpeg(scene(480, 320, seed=3))))
    assert not numpy.array_equal(first, other)


def test_a_model_of_both_kinds_makes_a_video_with_and_without_an_image(network, tmp_path):
    image = data_uri(jpeg(scene(480, 320)))
    job, plain = film(network, tmp_path, "tiny-either")
    assert plain.shape == (9, 64, 96, 3)
    assert job["meta"]["network"]["fps"] == 24
    _, first = film(network, tmp_path, "tiny-either", first_frame_image=image)
    assert first.shape == plain.shape and not numpy.array_equal(first, plain)
    _, again = film(network, tmp_path, "tiny-either", first_frame_image=image)
    assert numpy.array_equal(first, again), "the same seed and image, the same film"


def test_an_adaptation_changes_the_film(network, tmp_path):
    _, plain = film(network, tmp_path, "tiny")
    _, adapted = film(network, tmp_path, "tiny-lora")
    assert not numpy.array_equal(plain, adapted)


def test_an_image_model_without_an_image_is_refused(network):
    answer = network.new_client(model="tiny-image").create(PROMPT)
    assert "image" in str(issues(answer))


def test_weights_that_are_missing_name_the_command(network):
    """A model nobody configured is refused at once; one whose folder is empty by its job."""
    client = network.new_client(model="wan2.1-t2v-1.3b")
    assert "zoetrope model pull wan2.1-t2v-1.3b" in str(issues(client.create(PROMPT)))
    client = network.new_client(model="wan2.1-t2v-14b")
    job = client.until(client.make(PROMPT))
    assert job["status"] == "error"
    assert "zoetrope model pull wan2.1-t2v-14b" in job["error"]["message"], job
    client = network.new_client(model="nowhere")
    job = client.until(client.make(PROMPT))
    assert "pull" not in job["error"]["message"] and "config file" in job["error"]["message"], job
    assert client.transactions() == []


def test_what_is_wrong_with_a_file_is_told_to_the_log_and_not_to_the_jobs_owner(network):
    client = network.new_client(model="unfit")
    job = client.until(client.make(PROMPT))
    assert job["status"] == "error" and "do not fit" in job["error"]["message"], job
    assert "/" not in job["error"]["message"]
    assert f"{GOLDEN}/dit_t2v.safetensors: LoRA 1 has nothing" in network.log.read_text()


def test_more_than_fits_into_memory_is_refused_with_both_numbers(network):
    client = network.new_client(model="vast")
    job = client.until(client.make(PROMPT))
    assert job["status"] == "error"
    message = job["error"]["message"]
    assert "GiB of memory" in message and "GiB are free" in message, message


@pytest.mark.threads
def test_a_network_stops_soon_when_its_job_is_cancelled(network):
    """The film would take hours; the worker is free for another one long before."""
    client = network.new_client(model="endless")
    id = client.make(PROMPT)
    client.until(id, "generating")
    assert client.cancel(id).status == 200
    client.completed(client.make(PROMPT, model="tiny"))
    job = client.poll(id).json
    assert job["status"] == "error" and job["error"]["name"] == "CancelledException"
    assert client.get(f"{UNIVERSAL}/{id}").status == 200


@pytest.mark.threads
def test_networks_take_turns_on_a_machine_and_let_others_pass(config):
    """Two at once would see the same free memory, and refuse each other or be killed."""
    with Server(workers=2, config=config) as server:
        client = server.new_client(model="endless")
        first = client.make(PROMPT)
        holder = client.until(first, "generating")
        waiting = [client.make(PROMPT, model="tiny") for _ in range(2)]
        client.completed(client.make(PROMPT, model="flash"))
        client.completed(client.make(PROMPT, model="flash"))
        assert [client.poll(id).json["status"] for id in waiting] == ["queued"] * 2
        assert client.poll(first).json["status"] == "generating", holder
        assert client.cancel(first).status == 200
        for id in waiting:
            client.completed(id)


def test_the_turn_of_killed_workers_goes_to_others(config):
    with Server(workers=2, config=config) as server:
        client = server.new_client(model="endless")
        first = client.make(PROMPT)
        client.until(first, "generating")
        waiting = client.make(PROMPT, model="tiny")
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        assert client.cancel(first).status == 200
        client.completed(waiting)


def test_generate_takes_a_model_of_the_config(config, tmp_path):
    settings = tmp_path / "zoetrope.yaml"
    settings.write_text(config)
    out = tmp_path / "out.mp4"
    done = command("generate", "--config", settings, "--model", "tiny", "--seed", 1, "-o", out,
                   PROMPT, data=tmp_path / "data")
    assert frames(out).shape == (9, 64, 96, 3), done.stderr
    missing = command("generate", "--model", "wan2.1-t2v-1.3b", PROMPT, data=tmp_path / "data",
                      check=False)
    assert missing.returncode == 2
    assert "zoetrope model pull wan2.1-t2v-1.3b" in missing.stderr


def test_a_film_that_may_not_be_written_is_an_error_and_leaves_nothing(config, tmp_path):
    settings = tmp_path / "zoetrope.yaml"
    settings.write_text(config)
    out = tmp_path / "out"
    out.mkdir()
    limit = (4096, 4096)
    done = subprocess.run(
        [BINARY, "generate", "--config", settings, "--data", tmp_path / "data", "--model", "tiny",
         "-o", out / "film.mp4", PROMPT], capture_output=True, text=True, timeout=seconds(60),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert done.returncode == 1 and "too large" in done.stderr, (done.returncode, done.stderr)
    assert not list(out.iterdir())


@pytest.mark.quick
def test_check_tells_what_a_run_of_the_settings_needs(adaptation):
    settings = "; ".join(line.strip() for line in row("tiny").splitlines() if " = " in line)
    words = ["model", "check", f"{GOLDEN}/dit_t2v.safetensors", "--settings"]
    plain = command(*words, settings).stdout
    assert "48x32" in plain and "9 frames at 16 fps" in plain, plain
    assert "TFLOP" in plain and "GiB are free" in plain
    assert "9 frames" in command(*words, f"{settings}; lora = {adaptation}").stdout
    foreign = command(*words, f"{settings}; lora = {GOLDEN}/umt5.safetensors", check=False)
    assert foreign.returncode == 1 and "LoRA 1" in foreign.stderr


def test_bench_tells_seconds_and_memory_of_each_stage(tmp_path):
    settings = "; ".join(line.strip() for line in row("tiny").splitlines() if " = " in line)
    words = ["bench", "model", "--model", f"{GOLDEN}/dit_t2v.safetensors", "--settings", settings]
    done = command(*words, "--size", "64x64x5", "--steps", "2")
    stages = {line[:10].strip(): line[10:].split() for line in done.stdout.splitlines()}
    assert stages["image"] == ["-"] * 4
    for name in ("text", "one step", "decode", "whole"):
        assert len(stages[name]) == 4 and float(stages[name][0]) >= 0
    assert "foretold;" in stages["memory"]
    assert command(*words, "--size", "63x64x5", check=False).returncode == 1
    assert command(*words, "--size", "64x64", check=False).returncode == 2
    assert command("bench", "model", check=False).returncode == 2
