"""tools/first-video, which make run calls: a newcomer's first minute."""
import signal
import subprocess
import sys

import pytest

from support.pace import seconds
from support.server import BINARY, TOP, environment


def first_video(folder, *options, port=0, **env):
    command = [sys.executable, TOP / "tools" / "first-video", "--port", str(port), "--data",
               folder / "data", "--output", folder / "dragon.mp4", "--program", BINARY, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            cwd=folder, env=environment(env))


def end_of(process, limit=180):
    out, err = process.communicate(timeout=seconds(limit))
    return process.returncode, out, err


def test_the_first_video_is_made_and_told_whatever_proxy_is_set(tmp_path):
    status, out, err = end_of(first_video(tmp_path, "--once", http_proxy="http://127.0.0.1:9"))
    assert status == 0, (out, err)
    assert (tmp_path / "dragon.mp4").read_bytes()[4:8] == b"ftyp"
    key = (tmp_path / "data" / "key").read_text().strip()
    assert f"{tmp_path}/dragon.mp4" in out and f"/#key={key}" in out and "completed" in out


@pytest.mark.quick
def test_a_key_that_was_put_away_is_missed_in_words(tmp_path):
    subprocess.run([BINARY, "key", "create", "--data", tmp_path / "data"], check=True,
                   capture_output=True, env=environment())
    (tmp_path / "data" / "key").unlink(missing_ok=True)
    status, out, err = end_of(first_video(tmp_path, "--once"))
    assert status == 1 and "Traceback" not in err, (out, err)
    assert f"{tmp_path}/data/key is not there" in err and "key create" in err


@pytest.mark.quick
def test_a_port_that_is_taken_is_said(idle, tmp_path):
    status, out, err = end_of(first_video(tmp_path, "--once", port=idle.port))
    assert status == 1 and "Traceback" not in err, (out, err)
    assert f"127.0.0.1:{idle.port} is in use by another program" in err


def test_it_goes_on_serving_until_it_is_told_to_end(tmp_path):
    """A small film will do here."""
    config = tmp_path / "small.yaml"
    config.write_text("models:\n  - {id: video-01, width: 320, height: 180, frames: 25}\n")
    process = first_video(tmp_path, ZOETROPE_CONFIG=str(config))
    lines = []
    while not lines or "serving until" not in lines[-1]:
        line = process.stdout.readline()
        assert line, (lines, process.stderr.read())
        lines.append(line)
    process.send_signal(signal.SIGTERM)
    status, _, err = end_of(process, limit=60)
    assert status == 0 and "Traceback" not in err, err
    assert (tmp_path / "dragon.mp4").read_bytes()[4:8] == b"ftyp"
