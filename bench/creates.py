"""creates - durable POSTs per second from 64 connections, beside the disk's own sync."""
import json
import os

import rig
from result import Result

SECONDS, CONNECTIONS = 4, 64


def request(port, key):
    body = json.dumps({"model": "video-01", "prompt": rig.PROMPT}).encode()
    return (f"POST /v2/video/generations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def measure(r, rounds):
    server = r.serve("--workers", "0", "--queue-max", "0")
    file = r.folder / "create.http"
    file.write_bytes(request(server.port, server.key))
    loads, disks = [], []
    for i in range(rounds + 1):
        rig.settle()
        disk = rig.program("disk", r.folder, 1)
        load = rig.program("load", "-c", CONNECTIONS, "-d", SECONDS, "127.0.0.1", server.port, file)
        if load["errors"]:
            raise rig.Trouble(f"{load['errors']} of {load['requests']} creates failed")
        if i > 0:  # the first warms
            loads.append(load)
            disks.append(disk)
    r.stop(server)
    rates = [x["rate"] for x in loads]
    syncs = [1e6 / x["mean_us"] for x in disks]
    yield Result("durable creates", "1/s", rates, "syncs of the disk", syncs,
                 [a / b for a, b in zip(rates, syncs)], (">=", 5000), judge="value")
    yield Result("durable creates: p50", "ms", [x["p50_us"] / 1000 for x in loads])
    yield Result("durable creates: p99", "ms", [x["p99_us"] / 1000 for x in loads],
                 bar=("<=", 25), judge="value")
    yield Result("disk: 4 KB append and fdatasync", "ms", [x["mean_us"] / 1000 for x in disks],
                 note="in " + os.path.dirname(r.folder))
