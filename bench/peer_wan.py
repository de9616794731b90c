"""peer_wan - the neural engine beside stable-diffusion.cpp: the same weights and job, in turns.

ZOETROPE_SD is the path of its program (sd-cli); without it nothing is measured. ZOETROPE_SD_FLAGS
are added to its command. A job is one call of the transformer without guidance and the decode. What
is judged is the processors' time, so that neighbours count little. The peer's log says where its
stages end; the time in which it loads weights is left out. Its text encoder always sees 512 pieces.
The small job shows the spread over the rounds; the others take minutes and are done once.
"""
import os
import re
import subprocess
import time

import rig
import step
from result import Result

PEER = "sd.cpp"
ROUNDS = {"128x128x5": 3, **{size: 1 for size in step.SIZES}}
JUDGED = "256x256x17"  # the size that the bars speak of
BARS = {"transformer": ("<=", 0.4), "decode": ("<=", 0.15)}
MEMORY_BAR = ("<=", 0.7)
SHARE_BAR = {"transformer": step.BAR["one step"]}
PASSIVE = {"OMP_WAIT_POLICY": "passive"}  # waiting is no work
PROMPT = "a fox in the snow, " * 3 + "dusk"  # 61 letters and blanks: about 64 pieces of one letter
ENDS = {"get_learned_condition completed": "text encoder", "sampling completed": "transformer",
        "decode_first_stage completed": "decode"}
BEGINS = re.compile(r"generate_video \d|prepared params backend buffer")


class Run:
    """A program to its end: its lines, when and after how much processor time each came, its peak."""

    def __init__(self, command, log):
        self.lines = []
        with open(log, "w") as errors:
            popen = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=errors, text=True,
                                     errors="replace", env={**os.environ, **PASSIVE})
            for line in popen.stdout:
                self.lines.append((time.monotonic(), rig.processor_seconds(popen.pid), line.rstrip()))
            _, status, usage = os.wait4(popen.pid, 0)
        popen.returncode = os.waitstatus_to_exitcode(status)
        self.peak_mib = usage.ru_maxrss / 1024
        if popen.returncode != 0:
            said = "\n".join(line for _, _, line in self.lines) + "\n" + open(log).read()
            raise rig.Trouble(f"{command[0]} ended with {popen.returncode}: {said.strip()[-600:]}")

    def text(self):
        return "\n".join(line for _, _, line in self.lines)


def peer_program():
    path = os.environ.get("ZOETROPE_SD")
    if not path:
        raise rig.Skipped("ZOETROPE_SD names no sd-cli of stable-diffusion.cpp")
    if not os.access(path, os.X_OK):
        raise rig.Trouble(f"ZOETROPE_SD: {path} cannot be run")
    return path


def ours(r, folder, size):
    """By stage seconds on the wall, of processors, 10^9 operations; the peak in MiB."""
    run = Run([rig.PROGRAM, "bench", "model", "--model", folder, "--size", size, "--settings",
               "guidance = 1"], r.folder / "ours.log")
    stages, _ = step.read(run.text())
    names = {"text": "text encoder", "one step": "transformer", "decode": "decode"}
    return {names[k]: v for k, v in stages.items()}, run.peak_mib


def theirs(r, folder, size):
    width, height, frames = size.split("x")
    run = Run([peer_program(), "-M", "vid_gen", "-v", "--diffusion-model", folder / "transformer.safetensors",
               "--t5xxl", folder / "text.safetensors", "--vae", folder / "vae.safetensors",
               "-W", width, "-H", height, "--video-frames", frames, "--steps", "1", "--cfg-scale", "1",
               "-t", str(rig.CORES), "-p", PROMPT, "-o", r.folder / "peer.avi",
               *os.environ.get("ZOETROPE_SD_FLAGS", "").split()], r.folder / "peer.log")
    stages, began = {}, None
    for at, cpu, line in run.lines:
        if BEGINS.search(line):
            began = at, cpu
        for end, name in ENDS.items():
            if end in line and began:
                stages[name] = at - began[0], cpu - began[1]
                began = at, cpu
    if len(stages) != len(ENDS):
        raise rig.Trouble(f"the peer's log lacks a stage, it shows {', '.join(stages) or 'none'}: "
                          + run.text()[-600:])
    return stages, run.peak_mib


def columns(pairs, name, which):
    """Ours, the peer's name, its numbers, the ratios of every round; which: 0 wall, 1 processors."""
    a = [mine[0][name][which] for mine, _ in pairs]
    b = [other[0][name][which] for _, other in pairs]
    return a, PEER, b, [x / y for x, y in zip(a, b)]


def results(size, pairs, peaks, kind):
    judged = size == JUDGED
    for name in ENDS.values():
        bar = BARS.get(name) if judged else None
        note = "the peer's of 512 pieces" if name.startswith("text") else ""
        yield Result(f"{name} {size}: processors", "s", *columns(pairs, name, 1), bar, note=note)
        yield Result(f"{name} {size}: wall", "s", *columns(pairs, name, 0))
        shares = [mine[0][name][2] / mine[0][name][1] / peak for (mine, _), peak in zip(pairs, peaks)]
        yield Result(f"{name} {size}: of oneDNN {kind}", "x", shares,
                     bar=SHARE_BAR.get(name) if judged else None)
    a, b = [mine[1] for mine, _ in pairs], [other[1] for _, other in pairs]
    yield Result(f"peak memory {size}", "MiB", a, PEER, b, [x / y for x, y in zip(a, b)],
                 MEMORY_BAR if judged else None)


def measure(r, rounds):
    peer_program()
    folder = step.weights()
    for size, most in ROUNDS.items():
        pairs, peaks = [], []
        for _ in range(min(rounds, most)):
            rig.settle()
            peak, kind = step.yard()
            if not peak:
                raise rig.Trouble("libdnnl2 is not installed")
            peaks.append(peak)
            pairs.append((ours(r, folder, size), theirs(r, folder, size)))
        yield from results(size, pairs, peaks, kind)
