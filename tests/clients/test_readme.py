"""The commands that README.md and docs/api.md show, run as they stand; only address, key and id change."""
import json
import pathlib
import re
import subprocess

import pytest

from support.pace import seconds
from support.server import TOP, environment


def commands(name, fence, prompt=""):
    """Every curl command of the page's blocks with this fence, its continued lines joined."""
    text = (TOP / name).read_text()
    blocks = re.findall(rf"^```{fence}\n(.*?)^```", text, re.S | re.M)
    found = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()
             if line.startswith(prompt + "curl ")]
    return [line[len(prompt):] for line in found]


def run(server, line, folder):
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "key").write_text(server.key + "\n")
    line = re.sub(r"127\.0\.0\.1:8080", f"127.0.0.1:{server.port}", line)
    done = subprocess.run(["bash", "-c", line + " -sS --fail-with-body"], cwd=folder, text=True,
                          capture_output=True, timeout=seconds(90),
                          env=environment({"KEY": server.key}))
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.mark.quick
def test_the_commands_of_the_readme_work_as_they_stand(idle, tmp_path):
    create, poll = commands("README.md", "console", "$ ")
    made = run(idle, create, tmp_path)
    assert made["status"] == "queued"
    id = re.search(r"generation_id=([^&\"]+)", poll).group(1)
    polled = run(idle, poll.replace(id, made["id"]).replace("wait=60", "wait=0"), tmp_path)
    assert polled["id"] == made["id"]


@pytest.mark.quick
def test_the_command_of_the_api_page_works_as_it_stands(idle, tmp_path):
    lines = commands("docs/api.md", "")
    assert lines
    for line in lines:
        assert run(idle, line, pathlib.Path(tmp_path))["status"] == "queued"
