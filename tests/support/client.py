"""A strict client: every answer is held against the server's OpenAPI document and the seeds."""
import json as json_module
import re
import time
import urllib.parse

from support import schemas
from support.pace import seconds
from support.wire import Answer, Wire, request

UNIVERSAL = "/v2/video/generations"
LEGACY = "/v2/generate/video/minimax/generation"
ALIASES = ("/v1/video/generations", "/video/generations")
ROUTES = (UNIVERSAL, LEGACY, *ALIASES)
ID = re.compile(r"^[A-Za-z0-9_-]{21}$")
DRAGON = ("A menacing evil dragon appears in a distance above the tallest mountain, then rushes "
          "toward the camera with its jaws open, revealing massive fangs. We see it's coming.")
UNSET = object()


class Client:
    """Requests of one key. check: hold each answer against the schemas."""

    def __init__(self, server, key, check=True, tls=None, model="video-01"):
        self.server, self.key, self.check, self.tls = server, key, check, tls
        self.model = model

    def wire(self, limit=60):
        return Wire(self.server.port, tls=self.tls, limit=limit)

    def headers(self, auth=True, host=True):
        pairs = [("Host", f"127.0.0.1:{self.server.port}")] if host else []
        if auth:
            pairs.append(("Authorization", f"Bearer {self.key}"))
        return pairs

    def request(self, method, target, json=UNSET, body=None, headers=(), params=None, auth=True,
                type="application/json", check=None, limit=90):
        """One request on a connection of its own. type None sends no Content-Type."""
        if params:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(params, doseq=True)
        if json is not UNSET:
            body = json_module.dumps(json).encode()
        pairs = self.headers(auth) + [("Connection", "close")]
        if body is not None:
            if type:
                pairs.append(("Content-Type", type))
            pairs.append(("Content-Length", len(body)))
        pairs += list(headers.items() if isinstance(headers, dict) else headers)
        with self.wire(limit) as wire:
            wire.send(request(method, target, pairs, body or b""))
            answer = wire.answer(method)
        if self.check if check is None else check:
            self.server.document().hold(self.server, method, target, answer)
        return answer

    def get(self, target, **options):
        return self.request("GET", target, **options)

    def post(self, target, json=UNSET, **options):
        return self.request("POST", target, json=json, **options)

    def delete(self, target, **options):
        return self.request("DELETE", target, **options)

    def create(self, prompt="a red fox runs over a snowy hill", route=UNIVERSAL, headers=(),
               **fields):
        """POST a job; the answer, checked by the seeds' schemas when it was accepted."""
        body = {"model": self.model, **({} if prompt is UNSET else {"prompt": prompt}), **fields}
        answer = self.post(route, json=body, headers=headers)
        if answer.status == 200:
            schemas.created(answer.json)
        return answer

    def make(self, *words, **fields):
        """Create a job that must be accepted; its id."""
        answer = self.create(*words, **fields)
        assert answer.status == 200, answer
        return answer.json["id"]

    def poll(self, id, route=UNIVERSAL, **options):
        answer = self.get(route, params={"generation_id": id, **options})
        if answer.status == 200:
            schemas.polled(answer.json)
        return answer

    def cancel(self, id):
        return self.delete(UNIVERSAL, params={"generation_id": id})

    def until(self, id, *states, limit=120):
        """Poll until the job is in one of the states; the last answer's JSON.

        Who waits for "generating" must not hold an answer: it would come with the next state.
        """
        states = states or ("completed", "error")
        end = time.monotonic() + seconds(limit)
        while True:
            answer = self.poll(id, wait=0 if "generating" in states else 5)
            assert answer.status == 200, answer
            if answer.json["status"] in states:
                return answer.json
            assert answer.json["status"] in ("queued", "generating"), \
                f"waited for {states}, got {answer}"
            assert time.monotonic() < end, f"still {answer} after {seconds(limit):.0f} s"
            time.sleep(0.01)

    def completed(self, id, limit=120):
        job = self.until(id, limit=limit)
        assert job["status"] == "completed", job
        return job

    def download(self, job_or_url, **options):
        """The video behind a completed job's url, without a key."""
        url = job_or_url if isinstance(job_or_url, str) else job_or_url["video"]["url"]
        parts = urllib.parse.urlsplit(url)
        assert parts.netloc == f"127.0.0.1:{self.server.port}", url
        target = parts.path + ("?" + parts.query if parts.query else "")
        return self.request(options.pop("method", "GET"), target, auth=False, check=False,
                            **options)

    def balance(self):
        return self.get("/v1/billing/balance").json["balance"]

    def transactions(self):
        """The whole ledger, newest first, through all pages."""
        rows, cursor = [], None
        while True:
            page = self.get("/v2/billing/transactions",
                            params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json
            rows += page["data"]
            cursor = page["pagination"]["next_cursor"]
            assert page["pagination"]["has_more"] == (cursor is not None)
            if cursor is None:
                return rows

    def jobs(self, **params):
        """All jobs of the key, newest first, through all pages."""
        rows, cursor = [], None
        while True:
            page = self.get(f"{UNIVERSAL}/list",
                            params={"limit": 100, **params, **({"cursor": cursor} if cursor else {})})
            assert page.status == 200, page
            rows += page.json["data"]
            cursor = page.json["pagination"]["next_cursor"]
            if cursor is None:
                return rows


def issues(answer):
    """The issues of a refused body."""
    assert answer.status == 400, answer
    problem = answer.json
    assert problem["title"] == "Bad Request" and problem["status"] == 400
    assert problem["error"]["name"] == "BadRequestException"
    return problem["error"]["data"]


__all__ = ["ALIASES", "Answer", "Client", "DRAGON", "ID", "LEGACY", "ROUTES", "UNIVERSAL", "issues"]
