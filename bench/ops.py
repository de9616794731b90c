"""ops - the kernels of nn/ and the layers of the networks, against a large f32 product of oneDNN.

The rows of the table stand for themselves, with plain C beside them; of the layers the share of
oneDNN's rate in the same round is judged.
"""
import rig
from result import Result

BAR = (">=", 0.7)


def measure(r, rounds):
    found = rig.program("ops", rounds)
    plain = {row["name"]: row["values"] for row in found["rows"] if row["set"] == "plain"}
    for row in found["rows"]:
        if row["set"] != "plain":
            yield Result(f"{row['set']} {row['name']}", row["unit"], row["values"], peer="plain C",
                         peer_values=plain[row["name"]],
                         ratios=[a / b for a, b in zip(row["values"], plain[row["name"]])])
    for layer in found["layers"]:
        yield Result(layer["name"], "GFLOP/s", layer["values"], peer="oneDNN sgemm",
                     peer_values=layer["peer"],
                     ratios=[a / b for a, b in zip(layer["values"], layer["peer"])],
                     bar=BAR if layer["peer"] and "-> 3," not in layer["name"] else None,
                     note=found["machine"] if layer["peer"] else "libdnnl2 is not installed")
