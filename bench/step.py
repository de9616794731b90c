"""step - a model of true shape: one call of the transformer, the text encoder, a decode, their memory.

The weights are random (fake_wan), of 1.3 B parameters, kept in ZOETROPE_CACHE (or ~/.cache/zoetrope-bench)
between runs: 3.8 GB. Rates count the products of the definition, also where fewer are made, per second
of the processors' time; beside them that of large products of oneDNN, measured just before and after:
in bf16 where the processor has it, else in f32.
"""
import os
import pathlib
import shutil

import rig
from result import Result

SIZES = ("256x256x17", "480x272x17")
STAGES = {"text": "text encoder, 2 layers", "one step": "transformer", "decode": "decode"}
BAR = {"one step": (">=", 0.7)}
PIECES = rig.TOP / "tests" / "parity" / "data" / "wan" / "spm_nfkc.model"


def weights():
    home = os.environ.get("ZOETROPE_CACHE") or pathlib.Path.home() / ".cache" / "zoetrope-bench"
    folder = pathlib.Path(home) / "fake-wan-1.3b"
    folder.mkdir(parents=True, exist_ok=True)
    rig.run(rig.BUILD / "bench" / "fake_wan", folder)
    if not (folder / "spiece.model").exists():
        shutil.copy(PIECES, folder / "spiece.model")
    return folder


def read(text):
    """What zoetrope bench prints: by stage seconds, processor seconds, 10^9 operations; and MiB."""
    stages, memory = {}, ()
    for line in text.splitlines():
        name, words = line[:10].strip(), line[10:].split()
        if name == "memory":
            memory = (float(words[0]), float(words[words.index("foretold;") - 2]))
        elif name in STAGES and words[0] != "-":
            seconds, cpu, rate = map(float, words[:3])
            stages[name] = (seconds, cpu, rate * seconds)
    return stages, memory


def yard():
    found = rig.program("yard")
    return max(found["f32"], found["bf16"]), "bf16" if found["bf16"] > found["f32"] else "f32"


def measure(r, rounds):
    """One round: a call takes long enough to stand for itself."""
    folder = weights()
    for size in SIZES:
        rig.settle()
        before, kind = yard()
        done = rig.run(rig.PROGRAM, "bench", "model", "--model", folder, "--size", size,
                       "--settings", "guidance = 1")
        peak = (before + yard()[0]) / 2
        stages, (own, foretold) = read(done.stdout)
        for name, (seconds, cpu, work) in stages.items():
            yield Result(f"{STAGES[name]} {size}", "s", [seconds], peer=f"oneDNN {kind}",
                         peer_values=[work / peak / rig.CORES] if peak else [],
                         ratios=[work / cpu / peak] if peak else [], bar=BAR.get(name) if peak else None,
                         note=f"{cpu:.1f} s of processors" if peak else "libdnnl2 is not installed")
        yield Result(f"memory of its own {size}", "MiB", [own], peer="foretold",
                     peer_values=[foretold], ratios=[own / foretold], bar=("<=", 1.0))
