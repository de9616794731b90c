"""The golden models of the parity tests as models of the catalogue: real networks, very small."""
import json
import pathlib
import struct

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "parity" / "data" / "wan"


def row(id, transformer="dit_t2v", settings=(), **fields):
    """A row of models in the config file; its film is 9 frames of 96x64."""
    fields = {"width": 96, "height": 64, "fps": 16, "frames": 9, **fields}
    lines = [f"transformer = {GOLDEN}/{transformer}.safetensors",
             f"text-encoder = {GOLDEN}/umt5.safetensors",
             f"vae = {GOLDEN}/vae21.safetensors",
             f"tokenizer = {GOLDEN}/spm_nfkc.model",
             "steps = 4", "size = 48x32", "length = 9", *settings]
    return "".join([f"  - id: {id}\n", "    engine: wan\n",
                    *(f"    {name.replace('_', '-')}: {value}\n" for name, value in fields.items()),
                    "    settings: |\n", *(f"      {line}\n" for line in lines)])


def lora(path, rank=2, size=96):
    """An adaptation of the tiny transformer's first query, as a file."""
    def numbers(n, seed):
        return struct.pack(f"<{n}f", *(((i * 7919 + seed) % 97) / 97 - 0.5 for i in range(n)))

    stem = "diffusion_model.blocks.0.self_attn.q"
    down, up = numbers(rank * size, 1), numbers(rank * size, 2)
    head = json.dumps({
        f"{stem}.lora_A.weight": {"dtype": "F32", "shape": [rank, size],
                                  "data_offsets": [0, len(down)]},
        f"{stem}.lora_B.weight": {"dtype": "F32", "shape": [size, rank],
                                  "data_offsets": [len(down), len(down) + len(up)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + down + up)
    return path


def ti2v(id):
    """A model that takes a prompt alone or with an image, of the VAE of 2.2."""
    return row(id, "dit_ti2v", [f"vae = {GOLDEN}/vae22.safetensors", "size = 64x64"])


CATALOGUE = "models:\n" + row("tiny") + ti2v("tiny-either")
