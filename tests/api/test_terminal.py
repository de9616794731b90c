"""zoetrope generate in a terminal and in scripts; the manual page; what shells complete."""
import base64
import io
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import time
import fcntl
import termios

import pytest
from PIL import Image

from support.pace import seconds

BINARY = os.environ["ZOETROPE_BIN"]
CONFIG = """\
models:
  - {id: flash, width: 320, height: 180, frames: 8}
  - {id: tall, width: 180, height: 320, frames: 8}
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "zoetrope.yaml"
    path.write_text(CONFIG)
    return path


def words(config, *more):
    return [BINARY, "generate", "a red fox in the snow", "--model", "flash", "--seed", "7",
            "--config", str(config), "-o", str(config.parent / "fox.mp4"), *more]


def environment(**extra):
    plain = {k: v for k, v in os.environ.items()
             if k not in ("TERM_PROGRAM", "LC_TERMINAL", "KITTY_WINDOW_ID")}
    return {**plain, "TERM": "xterm-256color", **extra}


def take_terminal():
    """In the child: a session of its own whose terminal is standard input."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def in_terminal(command, env=None, answer=b"", columns=100, rows=30, cell=0, controlling=False):
    """Run in a terminal of this size; what it wrote and how it ended. answer: to its question;
    cell: how high a row is in pixels, 0 when the terminal does not say."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, rows * cell))
    p = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env or environment(),
                         close_fds=True, preexec_fn=take_terminal if controlling else None)
    os.close(slave)
    out, until, asked = b"", time.monotonic() + seconds(60), False
    while time.monotonic() < until:
        if select.select([master], [], [], 0.2)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            out += part
            if not asked and b"\x1b[c" in out:
                asked = True
                os.write(master, answer)
        elif p.poll() is not None:
            break
    os.close(master)
    return out, p.wait(timeout=10)


@pytest.mark.quick
def test_a_terminal_sees_a_bar_the_time_and_a_final_line(config):
    out, status = in_terminal(words(config))
    assert status == 0, out
    assert re.search(rb"\r\[#+-*\] +\d+ %  \w+ +\d+\.\d s", out)
    last = out.replace(b"\r", b"\n").strip().splitlines()[-1].decode()
    assert re.search(r"fox\.mp4  \d+\.\d MB  320x180  0\.32 s long  seed 7  made in \d+\.\d s$", last)


@pytest.mark.quick
def test_a_script_hears_of_names_that_are_no_utf8(config):
    folder = os.fsencode(config.parent)
    command = list(map(os.fsencode, words(config, "--json")))
    missing = subprocess.run([*command, b"--image", folder + b"/\xff.png"], capture_output=True)
    assert missing.returncode == 1, missing
    assert "\ufffd.png" in json.loads(missing.stdout)["error"]["message"]
    command[command.index(b"-o") + 1] = folder + b"/\xff.mp4"
    made = subprocess.run(command, capture_output=True)
    assert made.returncode == 0, made
    assert json.loads(made.stdout)["path"].endswith("\ufffd.mp4")
    assert os.path.getsize(folder + b"/\xff.mp4") > 1000


@pytest.mark.quick
def test_a_script_gets_one_object(config):
    done = subprocess.run(words(config, "--json"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == ""
    film = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert film["seed"] == 7 and film["width"] == 320 and film["fps"] == 25
    assert film["engine"] == "storyboard"
    assert film["bytes"] == os.path.getsize(film["path"])
    assert film["meta"]["plan"]["cast"][0]["noun"] == "fox"
    assert [t["stage"] for t in film["timings"]][-1] == "finishing"
    wrong = subprocess.run(words(config, "--json", "--image", str(config)), capture_output=True,
                           text=True, timeout=60)
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["error"]["name"] == "InvalidImageException"


def frames_of(out, kind):
    if kind == "kitty":
        pictures, current = [], b""
        for head, data in re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", out):
            current += data
            if b"a=T" in head:
                size = [int(re.search(rb"%c=(\d+)" % k, head)[1]) for k in b"sv"]
            if b"m=0" in head:
                pictures.append(Image.frombytes("RGB", size, base64.b64decode(current)))
                current = b""
        return pictures
    if kind == "iterm":
        return [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
                for data in re.findall(rb"\x1b\]1337;File=[^:]*:([^\a]*)\a", out)]
    if kind == "sixel":
        return [read_sixel(data) for data in re.findall(rb"\x1bP7;1q(.*?)\x1b\\", out, re.S)]
    return [read_blocks(part) for part in out.split(b"\x1b8")[1:] if b"\xe2\x96\x80" in part]


def read_sixel(data):
    width, height = map(int, re.match(rb'"1;1;(\d+);(\d+)', data).groups())
    image, colours = Image.new("RGB", (width, height)), {}
    x = y = colour = 0
    for token in re.findall(rb"#\d+(?:;2;\d+;\d+;\d+)?|!\d+.|[?-~]|[$-]", data.split(b"#", 1)[1].join([b"#", b""])):
        if token[:1] == b"#":
            parts = token[1:].split(b";")
            colour = int(parts[0])
            if len(parts) > 1:
                colours[colour] = tuple(int(p) * 255 // 100 for p in parts[2:])
        elif token == b"$":
            x = 0
        elif token == b"-":
            x, y = 0, y + 6
        else:
            n = int(token[1:-1]) if token[:1] == b"!" else 1
            bits = token[-1] - 63
            for _ in range(n):
                for k in range(6):
                    if bits >> k & 1 and y + k < height:
                        image.putpixel((x, y + k), colours[colour])
                x += 1
    return image


def read_blocks(part):
    rows = []
    for line in part.replace(b"\r", b"").split(b"\n"):
        cells = re.findall(rb"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m\xe2\x96\x80", line)
        if cells:
            rows.append([tuple(map(int, c[:3])) for c in cells])
            rows.append([tuple(map(int, c[3:])) for c in cells])
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([p for row in rows for p in row])
    return image


def film_frame(config, size):
    png = config.parent / "frame.png"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(config.parent / "fox.mp4"), "-frames:v",
                    "1", str(png)], check=True, timeout=seconds(60))
    return Image.open(png).convert("RGB").resize(size, Image.LANCZOS)


def difference(a, b):
    return sum(abs(x - y) for p, q in zip(a.getdata(), b.getdata()) for x, y in zip(p, q)) / (
        a.width * a.height * 3)


@pytest.mark.parametrize("kind, most", [("kitty", 5), ("iterm", 6), ("sixel", 28), ("blocks", 5)])
def test_the_film_is_played_as_the_terminal_can(kind, most, config):
    out, status = in_terminal(words(config, "--show", "--terminal", kind))
    assert status == 0, out[-300:]
    frames = frames_of(out, kind)
    assert 1 <= len(frames) <= 8
    assert difference(frames[0], film_frame(config, frames[0].size)) < most
    assert out.count(b"\x1b[?25l") == out.count(b"\x1b[?25h") == 1, "the cursor comes back"
    assert b"fox.mp4" in out.splitlines()[-1]


@pytest.mark.parametrize("env, answer, kind", [
    ({"KITTY_WINDOW_ID": "1"}, b"", "kitty"),
    ({"TERM_PROGRAM": "iTerm.app"}, b"", "iterm"),
    ({}, b"\x1b[?62;4;22c", "sixel"),
    ({}, b"\x1b[?62;22c", "blocks"),
    ({}, b"", "blocks"),
])
def test_what_a_terminal_can_is_found_out(env, answer, kind, config):
    out, status = in_terminal(words(config, "--show"), environment(**env), answer)
    assert status == 0
    assert frames_of(out, kind), out[:200]


@pytest.mark.parametrize("cell, most", [(16, 160), (0, 120)])
@pytest.mark.parametrize("kind", ["kitty", "iterm", "sixel", "blocks"])
def test_a_tall_film_does_not_scroll_the_window(kind, cell, most, config):
    """A picture higher than the room below its corner pushed the window up with each frame."""
    out, status = in_terminal(words(config, "--model", "tall", "--show", "--terminal", kind),
                              rows=12, cell=cell)
    assert status == 0, out[-300:]
    frames = frames_of(out, kind)
    heights = {f.height for f in frames}
    assert heights and max(heights) <= (20 if kind == "blocks" else most)
    room = re.search(rb"((?:\r\n)+)\x1b\[(\d+)A\x1b7", out)
    lines = room[1].count(b"\n")
    assert lines == int(room[2]) and (lines + 1) * (2 if kind == "blocks" else cell or 12) >= max(heights)
    assert b"-\x1b\\" not in out, "a line feed after the last row of pixels"


def test_in_the_background_nothing_is_asked_or_drawn_and_nothing_stops(config):
    """The question for the terminal's attributes stopped a film in the background (SIGTTOU)."""
    line = " ".join(f"'{w}'" for w in words(config, "--show"))
    out, status = in_terminal(["bash", "-c", f"set -m; {line} & wait $!; echo ended $?"],
                              controlling=True)
    assert b"ended 0" in out, out
    assert b"\x1b[c" not in out and b"\x1b7" not in out
    assert b"not shown in the background" in out and (config.parent / "fox.mp4").exists()
    front, status = in_terminal(words(config, "--show"), answer=b"\x1b[?62;4c", controlling=True)
    assert status == 0 and frames_of(front, "sixel"), "in front it is shown"


def test_a_kind_of_terminal_that_is_none_is_refused(config):
    done = subprocess.run(words(config, "--show", "--terminal", "paper"), capture_output=True, text=True)
    assert done.returncode == 2 and "kitty, iterm, sixel or blocks" in done.stderr


def test_the_desktops_player_gets_the_path(config, tmp_path):
    tool = tmp_path / "bin" / "xdg-open"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho \"$1\" > {tmp_path}/opened\n")
    tool.chmod(0o755)
    subprocess.run(words(config, "--open"), check=True, capture_output=True, timeout=60,
                   env=environment(PATH=f"{tool.parent}:{os.environ['PATH']}"))
    until = time.monotonic() + seconds(10)
    while not (tmp_path / "opened").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.1)
    assert (tmp_path / "opened").read_text().strip() == str(tmp_path / "fox.mp4")


def complete(line):
    script = (f'eval "$({BINARY} completion bash)"; COMP_WORDS=({line}); '
              'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _zoetrope; printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.quick
def test_bash_completes_commands_words_and_options():
    assert complete("zoetrope ge") == ["generate"]
    assert complete("zoetrope key re") == ["revoke"]
    assert complete("zoetrope generate --ter") == ["--terminal"]
    assert "--workers" in complete("zoetrope serve --") and "--workers" not in complete("zoetrope plan --")


@pytest.mark.quick
@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_takes_its_rules():
    rules = subprocess.run([BINARY, "completion", "zsh"], capture_output=True, text=True).stdout
    subprocess.run(["zsh", "-n"], input=rules, text=True, check=True)


@pytest.mark.quick
def test_the_manual_page_names_every_command_and_is_well_formed():
    page = subprocess.run([BINARY, "man"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  (\w+) ", subprocess.run([BINARY, "help"], capture_output=True, text=True).stdout, re.M)
    for name in set(names) - {"version", "help", "zoetrope"}:
        assert f'.SS "zoetrope {name}"' in page
    assert page.startswith(".TH ZOETROPE 1")
    assert all(line[:3].isupper() or line[:2] in (".B", ".P", ".S", ".T") for line in page.splitlines()
               if line.startswith("."))
