"""poll - GET of a completed job, against nginx returning the same bytes from its configuration."""
import re

import rig
from result import Result

SECONDS, CONNECTIONS = 4, 64
THREADS = min(rig.CORES, 4)  # event threads of serve, worker processes of nginx, threads of wrk


def wrk(port, path, key, process):
    before = rig.processor_seconds(process.pid)
    out = rig.run("wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H",
                  f"Authorization: Bearer {key}", f"http://127.0.0.1:{port}{path}").stdout
    used = rig.processor_seconds(process.pid) - before
    if "Non-2xx" in out or "Socket errors" in out:
        raise rig.Trouble("wrk: " + out.strip()[-300:])
    n = int(re.search(r"(\d+) requests in", out).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), used / n * 1e6


def measure(r, rounds):
    data = r.fresh_folder("data")
    maker = r.serve("--workers", "1", data=data)
    client = maker.client()
    job = client.make_video(prompt=rig.PROMPT)
    client.close()
    r.stop(maker)
    server = r.serve("--workers", "0", data=data)
    path = f"/v2/video/generations?generation_id={job['id']}"
    status, headers, body = server.client().raw(path)
    if status != 200:
        raise rig.Trouble(f"the poll was answered {status}")
    kind = dict((k.lower(), v) for k, v in headers)["content-type"]
    nginx = r.nginx(THREADS, headers=headers, body=body, content_type=kind)
    status, _, same = rig.Client(nginx.port, server.key).raw(path)
    if status != 200 or same != body:
        raise rig.Trouble("nginx does not return the same bytes")
    ours, theirs = [], []
    for i in range(rounds + 1):
        rig.settle()
        pair = wrk(server.port, path, server.key, server), wrk(nginx.port, path, server.key, nginx)
        if i > 0:  # the first warms both
            ours.append(pair[0])
            theirs.append(pair[1])
    r.stop(server)
    r.stop(nginx)
    for i, (name, unit, bar) in enumerate((("poll, completed job", "1/s", (">=", 0.5)),
                                           ("poll: processor time of one", "us", None))):
        a, b = [x[i] for x in ours], [x[i] for x in theirs]
        yield Result(name, unit, a, "nginx", b, [x / y for x, y in zip(a, b)], bar)
