"""The protocol below the contract: bodies, limits, slow and broken clients, headers, CORS."""
import json
import os
import re
import signal
import socket
import threading
import time

import pytest

from support.client import LEGACY, UNIVERSAL
from support.pace import seconds, until
from support.server import Server
from support.wire import request

pytestmark = [pytest.mark.quick, pytest.mark.threads]

GOOD = json.dumps({"model": "video-01", "prompt": "a fox"}).encode()
LIMIT = 28 * 1000 * 1000


def chunked(data, size=1000):
    parts = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def memory_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


# ---- requests as clients really send them -----------------------------------------------------

@pytest.mark.parametrize("route", [UNIVERSAL, LEGACY])
def test_a_get_may_have_a_content_type_and_a_body(api, route):
    id = api.make()
    for body in (None, b"", b"{}", b"not json at all"):
        answer = api.get(route, params={"generation_id": id}, body=body,
                         headers={} if body is not None else {"Content-Type": "application/json"})
        assert answer.status == 200 and answer.json["id"] == id, (body, answer)


def test_a_connection_is_kept_and_used_again(api):
    with api.wire() as wire:
        for _ in range(20):
            wire.send(request("GET", "/v2/billing", api.headers()))
            assert wire.answer().status == 200
            wire.send(request("POST", UNIVERSAL, api.headers() + [
                ("Content-Type", "application/json"), ("Content-Length", len(GOOD))], GOOD))
            assert wire.answer().status == 200


def test_pipelined_requests_are_answered_in_order(api):
    ids = [api.make(f"fox {i}") for i in range(10)]
    with api.wire() as wire:
        wire.send(b"".join(request("GET", f"{UNIVERSAL}?generation_id={id}", api.headers())
                           for id in ids))
        assert [wire.answer().json["id"] for _ in ids] == ids


def test_connection_close_closes(api):
    with api.wire() as wire:
        wire.send(request("GET", "/healthz", api.headers() + [("Connection", "close")]))
        assert wire.answer().status == 200
        assert wire.ended() == b""


def test_a_chunked_body_is_taken(api):
    with api.wire() as wire:
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")], chunked(GOOD, 7)))
        assert wire.answer().status == 200


def test_a_body_may_come_byte_by_byte(api):
    with api.wire() as wire:
        head = request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", len(GOOD))])
        for i in range(0, len(head), 5):
            wire.send(head[i:i + 5])
        for byte in GOOD:
            wire.send(bytes([byte]))
        assert wire.answer().status == 200


def test_expect_100_continue_is_met(api):
    with api.wire() as wire:
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", len(GOOD)),
            ("Expect", "100-continue")]))
        assert wire.head()[0] == 100
        wire.send(GOOD)
        assert wire.answer().status == 200


# ---- too large ----------------------------------------------------------------------------------

@pytest.mark.parametrize("size", [LIMIT + 1, 10**12, 2**63 - 1])
def test_a_body_announced_too_large_is_refused_unread(api, size):
    for extra in ([], [("Expect", "100-continue")]):
        with api.wire() as wire:
            wire.send(request("POST", UNIVERSAL, api.headers() + [
                ("Content-Type", "application/json"), ("Content-Length", size)] + extra))
            answer = wire.answer("POST")  # not one byte of the body was sent
            assert answer.status == 413, answer
            assert answer.json["error"]["name"] == "PayloadTooLargeException"
            # and whatever follows is not taken for a request
            assert b"HTTP/1.1 200" not in wire.ended()


def test_a_body_of_the_limit_is_read(api):
    body = b'{"model":"video-01","prompt":"a fox","padding":"' + b"x" * (LIMIT - 100)
    body += b"x" * (LIMIT - len(body) - 2) + b'"}'
    assert len(body) == LIMIT
    assert api.post(UNIVERSAL, body=body).status == 200


def test_a_chunked_body_that_grows_too_large_is_refused(api):
    with api.wire() as wire:
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]))
        block = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(40):
                wire.send(block)
            wire.send(b"0\r\n\r\n")
        except OSError:
            pass  # it hung up on us, which is right; the answer may be there all the same
        try:
            answer = wire.answer("POST")
        except (ConnectionResetError, BrokenPipeError, AssertionError):
            return
        assert answer.status == 413, answer


@pytest.mark.parametrize("length", ["x", "-1", "1x", "0x10", "99999999999999999999999999", ""])
def test_a_nonsense_length_is_refused(api, length):
    with api.wire() as wire:
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", length)], b"{}"))
        reply = wire.ended()
        assert reply == b"" or reply.split()[1] in (b"400", b"413"), reply[:200]


def test_length_and_chunked_together_smuggle_nothing(api):
    with api.wire() as wire:
        inner = request("GET", "/v2/billing", api.headers())
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", 4),
            ("Transfer-Encoding", "chunked")], b"0\r\n\r\n" + inner))
        reply = wire_end(wire)
        assert b"current_balance" not in reply or reply.count(b"HTTP/1.1 ") == 2, reply


def wire_end(wire):
    """What comes until the connection is quiet for a moment."""
    wire.socket.settimeout(seconds(1))
    got = b""
    try:
        while True:
            data = wire.socket.recv(65536)
            if not data:
                break
            got += data
    except (TimeoutError, socket.timeout, ConnectionResetError):
        pass
    return got


@pytest.mark.parametrize("raw", [
    b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"G\xff\xfe / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nNo-Colon\r\n\r\n", b"GET %zz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_what_is_no_http_does_no_harm(api, raw):
    with api.wire() as wire:
        wire.send(raw)
        wire.socket.shutdown(socket.SHUT_WR)
        reply = wire_end(wire)
        assert reply == b"" or reply.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 200 ",
                                                 b"HTTP/1.1 505")), reply[:200]
    assert api.get("/healthz", auth=False).status == 200


def test_a_header_block_that_never_ends_is_refused(api):
    with api.wire() as wire:
        try:
            wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            for i in range(3000):
                wire.send(b"X-Filler-%d: %s\r\n" % (i, b"y" * 100))
        except OSError:
            pass
        reply = wire_end(wire)
        assert reply == b"" or reply.split()[1] in (b"431", b"413", b"400"), reply[:200]


def test_a_very_long_target_is_refused_in_a_controlled_way(api):
    with api.wire() as wire:
        try:
            wire.send(request("GET", "/" + "a" * 200000, api.headers()))
        except OSError:
            pass
        reply = wire_end(wire)
        assert reply == b"" or reply.split()[1] in (b"404", b"414", b"431", b"400"), reply[:200]


# ---- slow and broken clients ---------------------------------------------------------------------

@pytest.fixture(scope="module")
def hasty():
    """A server with short limits against slow clients."""
    from support.server import Server
    with Server("--header-timeout", "3s", "--body-timeout", "3s", "--idle-timeout", "3s") as server:
        yield server


def test_a_client_that_sends_nothing_is_cut_off(hasty):
    with hasty.client().wire() as wire:
        reply = wire.ended()  # returns when the server closes, else fails by its time limit
        assert reply == b"" or reply.startswith(b"HTTP/1.1 408"), reply


def test_a_slow_header_is_cut_off(hasty):
    client = hasty.client()
    with client.wire() as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        try:
            while time.monotonic() - began < seconds(60):
                wire.send(b"X: y\r\n")  # never idle, never done
                time.sleep(0.2)
        except OSError:
            return
        pytest.fail("a header that dripped for a minute was still welcome")


def test_a_slow_body_is_cut_off(hasty):
    client = hasty.client()
    with client.wire() as wire:
        wire.send(request("POST", UNIVERSAL, client.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", 1000000)]))
        began = time.monotonic()
        try:
            while time.monotonic() - began < seconds(60):
                wire.send(b" ")
                time.sleep(0.2)
        except OSError:
            return
        pytest.fail("a body that dripped for a minute was still welcome")


def test_many_slow_clients_keep_nobody_waiting(hasty):
    client = hasty.client()
    wires = [client.wire() for _ in range(200)]
    for wire in wires:
        wire.send(b"POST " + UNIVERSAL.encode() + b" HTTP/1.1\r\nHost: x\r\n")
    assert client.get("/healthz", auth=False).status == 200
    for wire in wires:
        wire.close()


def test_a_connection_dropped_mid_upload_leaves_nothing(api):
    before = len(api.jobs())
    for cut in (1, 20, len(GOOD) - 1):
        for drop in ("close", "reset"):
            wire = api.wire()
            wire.send(request("POST", UNIVERSAL, api.headers() + [
                ("Content-Type", "application/json"), ("Content-Length", len(GOOD))], GOOD[:cut]))
            getattr(wire, drop)()
    for drop in ("close", "reset"):
        wire = api.wire()
        wire.send(request("POST", UNIVERSAL, api.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", 20000000)], b" " * 5000000))
        getattr(wire, drop)()
    assert api.get("/healthz", auth=False).status == 200
    assert len(api.jobs()) == before


def test_a_waiter_that_hangs_up_is_forgotten(serve):
    server = serve()
    api = server.client()
    id = api.make()
    for drop in ("close", "reset"):
        wires = [api.wire() for _ in range(20)]
        for wire in wires:
            wire.send(request("GET", f"{UNIVERSAL}?generation_id={id}&wait=60", api.headers()))
        time.sleep(0.1)
        for wire in wires:
            getattr(wire, drop)()
    assert api.cancel(id).status == 200
    assert api.poll(id).json["status"] == "error"
    assert server.terminate() == 0, "the server waits for clients that are gone"


def test_bodies_in_flight_are_bounded_together(serve):
    server = serve("--body-total-max", "60MB")
    client = server.client()
    idle_kib = memory_kib(server.pid)
    size = 20 * 1000 * 1000
    wires, refused = [], 0
    for _ in range(8):
        wire = client.wire()
        wire.send(request("POST", UNIVERSAL, client.headers() + [
            ("Content-Type", "application/json"), ("Content-Length", size), ("Expect", "100-continue")]))
        wires.append(wire)
    taken = []
    for wire in wires:
        status, headers = wire.head()
        if status == 100:
            taken.append(wire)
            continue
        assert status == 503, status
        assert int(headers["Retry-After"]) >= 1
        refused += 1
    assert len(taken) == 3 and refused == 5
    for wire in taken:
        wire.send(b" " * (size - 1))
    grown = memory_kib(server.pid) - idle_kib
    if "ZOETROPE_SLOW" not in os.environ or os.environ["ZOETROPE_SLOW"] == "1":
        assert grown < 120000, f"{grown} KiB for 60 MB of bodies"
    for wire in taken:
        wire.send(b"x")
        assert wire.answer("POST").status == 400
    for wire in wires:
        wire.close()
    # the room is free again
    def room():
        with client.wire() as wire:
            wire.send(request("POST", UNIVERSAL, client.headers() + [
                ("Content-Type", "application/json"), ("Content-Length", size),
                ("Expect", "100-continue")]))
            return wire.head()[0] == 100
    until(room, what="room for a new body")


def test_many_big_uploads_at_once_are_served_or_sent_away(serve):
    server = serve("--body-total-max", "40MB")
    client = server.client(check=False)
    body = b'{"model":"video-01","prompt":"a fox","x":"' + b"y" * 15000000 + b'"}'
    statuses, lock = [], threading.Lock()

    def upload():
        try:
            answer = client.post(UNIVERSAL, body=body)
            status = answer.status
            assert status != 503 or int(answer.header("Retry-After")) >= 1
        except (ConnectionError, OSError, AssertionError) as e:
            status = type(e).__name__ if not isinstance(e, AssertionError) else str(e)
        with lock:
            statuses.append(status)
    threads = [threading.Thread(target=upload) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    allowed = {200, 503, "ConnectionResetError", "BrokenPipeError"}
    assert set(statuses) <= allowed, statuses
    assert statuses.count(200) >= 1
    assert client.create().status == 200


# ---- headers ----------------------------------------------------------------------------------------

def test_tracing_headers_of_a_create_and_its_polls(api):
    answer = api.create(headers={"X-Client-Request-Id": "order-7:a_b.C"})
    id = answer.json["id"]
    assert answer.header("x-inference-id") == id
    assert answer.header("x-client-request-id") == "order-7:a_b.C"
    assert answer.header("x-aimlapi-credits-used") == "120000"
    assert answer.header("x-aimlapi-usd-spent") == "0.060000000"
    poll = api.poll(id)
    assert poll.header("x-inference-id") == id
    assert "x-client-request-id" not in poll.headers


@pytest.mark.parametrize("id, valid", [
    ("a", True), ("a" * 128, True), ("AZaz09._:-", True), ("a" * 129, False), ("", False),
    ("with space", False), ("semi;colon", False), ("ümlaut", False), ("slash/", False)])
def test_a_client_request_id_is_echoed_when_valid_and_else_dropped(api, id, valid):
    for target in (f"{UNIVERSAL}?generation_id=V1StGXR8Z5jdHi6BmyT8k", "/v2/billing", "/nowhere"):
        answer = api.get(target, headers={"X-Client-Request-Id": id})
        assert answer.status in (200, 404)
        assert answer.header("x-client-request-id") == (id if valid else None)


def test_the_inference_id_of_a_poll_echoes_a_well_formed_id_only(api):
    good = "V1StGXR8Z5jdHi6BmyT8k"
    assert api.poll(good).header("x-inference-id") == good
    for bad in ("a b", "<script>", "x\r\ny: z", "ü"):
        assert "x-inference-id" not in api.poll(bad).headers, bad


def test_request_ids_are_fresh(api):
    seen = {api.get("/healthz", auth=False).header("x-request-id") for _ in range(10)}
    assert len(seen) == 10


def test_no_header_can_be_injected(api):
    for target in (f"{UNIVERSAL}?generation_id=a%0d%0aX-Evil:%201", "/a%0d%0aX-Evil:%201",
                   f"{UNIVERSAL}/a%0d%0aX-Evil:%201"):
        assert "X-Evil" not in api.get(target).headers


@pytest.mark.parametrize("path", [UNIVERSAL, LEGACY, "/v1/models", f"{UNIVERSAL}/list", "/v2/usage"])
def test_a_preflight_is_answered(api, path):
    answer = api.request("OPTIONS", path, auth=False, headers={
        "Origin": "https://app.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key"})
    assert answer.status == 204, answer
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    allowed = {h.strip().lower() for h in answer.header("Access-Control-Allow-Headers").split(",")}
    assert {"authorization", "content-type", "idempotency-key", "x-client-request-id"} <= allowed
    methods = {m.strip() for m in answer.header("Access-Control-Allow-Methods").split(",")}
    assert "GET" in methods and ("POST" in methods or path not in (UNIVERSAL, LEGACY))
    assert int(answer.header("Access-Control-Max-Age", "0")) > 0


def test_a_page_of_another_origin_may_use_every_method_that_a_path_offers(idle, api):
    for path, methods in idle.document().json["paths"].items():
        answer = api.request("OPTIONS", re.sub(r"\{[^}]+\}", "x", path), auth=False,
                             headers={"Origin": "https://app.example"})
        assert answer.status == 204, (path, answer)
        allowed = {m.strip() for m in answer.header("Access-Control-Allow-Methods").split(",")}
        offered = {m.strip() for m in answer.header("Allow").split(",")}
        assert {m.upper() for m in methods} <= offered <= allowed, (path, offered, allowed)


def test_errors_may_be_read_by_a_page_of_another_origin(api):
    answer = api.get("/v2/billing", auth=False, headers={"Origin": "https://app.example"})
    assert answer.status == 401 and answer.header("Access-Control-Allow-Origin") == "*"


def test_head_is_get_without_a_body(api):
    get = api.get("/v1/models", auth=False)
    head = api.request("HEAD", "/v1/models", auth=False)
    assert head.status == 200 and head.body == b""
    assert head.header("Content-Length") == str(len(get.body))
    assert api.request("HEAD", "/nowhere").status == 404


def test_json_is_not_sniffed_nor_stored(api):
    answer = api.get("/v2/billing")
    assert answer.header("Content-Type") in ("application/json", "application/json; charset=utf-8")
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "no-store" in answer.header("Cache-Control", "")


def test_as_many_requests_as_the_library_takes_at_once_are_answered():
    """Each of its threads takes 128 events at once, and waited for more before it served exactly so
    many: here they come while the server stands still."""
    with Server() as server:
        client = server.client()
        wires = [client.wire(limit=10) for _ in range(128 * min(os.cpu_count(), 4))]
        question = request("GET", "/healthz", client.headers())
        try:
            for wire in wires:
                assert wire.send(question).answer().status == 200
            server.signal(signal.SIGSTOP)
            for wire in wires:
                wire.send(question)
            server.signal(signal.SIGCONT)
            assert {wire.answer().status for wire in wires} == {200}
        finally:
            for wire in wires:
                wire.close()


def test_a_thousand_kept_connections_are_no_burden(api):
    wires = [api.wire() for _ in range(500)]
    try:
        for wire in wires:
            wire.send(request("GET", "/healthz", api.headers()))
        assert {wire.answer().status for wire in wires} == {200}
        assert api.create().status == 200
    finally:
        for wire in wires:
            wire.close()
