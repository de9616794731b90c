"""The golden model of the parity tests as a model of the catalogue: a real network, very small."""
import pathlib

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "parity" / "data" / "wan"

CATALOGUE = f"""\
models:
  - id: tiny
    engine: wan
    width: 96
    height: 64
    fps: 16
    frames: 9
    settings: |
      transformer = {GOLDEN}/dit_t2v.safetensors
      text-encoder = {GOLDEN}/umt5.safetensors
      vae = {GOLDEN}/vae21.safetensors
      tokenizer = {GOLDEN}/spm_nfkc.model
      steps = 4
      size = 48x32
      length = 9
"""
