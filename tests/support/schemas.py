"""The schemas that answers are held against: those the AI/ML API printed, and the server's own.

The published pages differ by era: create answers carry `meta.usage.credits_used`, older poll answers
`meta.usage.tokens_used` and a `duration`. Zoetrope's answers satisfy all of them at once, so no
schema is bent here; only OpenAPI's `nullable` is written the way JSON Schema says it.
"""
import copy
import datetime
import json
import pathlib
import re
import urllib.parse

import jsonschema

PUBLISHED = pathlib.Path(__file__).parent / "published"
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri", raises=ValueError)
def is_uri(value):
    if not isinstance(value, str):
        return True
    parts = urllib.parse.urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in value


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value):
    if isinstance(value, str):
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return not isinstance(value, str) or bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value))


def to_json_schema(schema, document, closed=False):
    """OpenAPI 3.0's dialect as JSON Schema: nullable spelt out, references followed. closed: an
    object whose members are described has no others."""
    if isinstance(schema, list):
        return [to_json_schema(s, document, closed) for s in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return to_json_schema(resolve(schema["$ref"], document), document, closed)
    out = {k: to_json_schema(v, document, closed) for k, v in schema.items()
           if k not in ("nullable", "example", "discriminator", "xml", "externalDocs")}
    if isinstance(schema.get("properties"), dict):
        out["properties"] = {k: to_json_schema(v, document, closed)
                             for k, v in schema["properties"].items()}
        if closed:
            out.setdefault("additionalProperties", False)
    if "enum" in schema:
        out["enum"] = list(schema["enum"])
    if schema.get("nullable"):
        if "type" in out:
            out["type"] = [out["type"], "null"]
        elif any(k in out for k in ("allOf", "anyOf", "oneOf")):
            out = {"anyOf": [out, {"type": "null"}]}
        if "enum" in out:
            out["enum"].append(None)
    return out


def resolve(reference, document):
    assert reference.startswith("#/"), reference
    node = document
    for part in reference[2:].split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def validator(schema, document, closed=False):
    converted = to_json_schema(copy.deepcopy(schema), document, closed)
    jsonschema.Draft4Validator.check_schema(converted)
    return jsonschema.Draft4Validator(converted, format_checker=FORMATS)


def demand(check, value, what):
    found = sorted(check.iter_errors(value), key=lambda e: list(map(str, e.path)))
    assert not found, f"{what}: " + "; ".join(
        f"{'/'.join(map(str, e.path)) or '(whole)'}: {e.message}" for e in found) \
        + f"\nin {json.dumps(value)[:2000]}"


def _published(method):
    document = json.loads((PUBLISHED / f"{method}.json").read_text())
    operation = document["paths"]["/v2/video/generations"][method]
    return validator(operation["responses"]["200"]["content"]["application/json"]["schema"], document)


PUBLISHED_CREATE = _published("post")
PUBLISHED_POLL = _published("get")

# What the older pages print of the legacy path: only the names that their programs read.
LEGACY_CREATE = jsonschema.Draft4Validator({
    "type": "object", "required": ["generation_id"],
    "properties": {"generation_id": {"type": "string"}, "status": {"type": ["string", "null"]}}})
LEGACY_POLL = jsonschema.Draft4Validator({
    "type": "object", "required": ["id", "status"],
    "properties": {"id": {"type": "string"}, "status": {"type": "string"},
                   "video": {"type": ["object", "null"], "required": ["url"],
                             "properties": {"url": {"type": "string"}}}}})

USAGE = {"type": "object", "required": ["credits_used", "tokens_used"],
         "properties": {"credits_used": {"type": "integer", "minimum": 0},
                        "tokens_used": {"type": "integer", "minimum": 0}}}

# What this server promises beyond them, closed: a member that nobody described fails.
OUR_CREATE = jsonschema.Draft4Validator({
    "type": "object", "additionalProperties": False,
    "required": ["id", "generation_id", "status", "meta"],
    "properties": {"id": {"type": "string"}, "generation_id": {"type": "string"},
                   "status": {"enum": ["queued", "generating", "completed", "error"]},
                   "meta": {"type": "object", "required": ["usage"],
                            "properties": {"usage": USAGE}}}})
OUR_POLL = {
    "pending": jsonschema.Draft4Validator({
        "type": "object", "additionalProperties": False, "required": ["id", "status", "meta"],
        "properties": {
            "id": {"type": "string"}, "status": {"enum": ["queued", "generating"]},
            "meta": {"type": "object", "required": ["progress", "stage", "usage"],
                     "properties": {"progress": {"type": "number", "minimum": 0, "maximum": 1},
                                    "stage": {"type": "string"},
                                    "position": {"type": "integer", "minimum": 0},
                                    "eta_seconds": {"type": "number", "minimum": 0},
                                    "usage": USAGE}}}}),
    "completed": jsonschema.Draft4Validator({
        "type": "object", "additionalProperties": False,
        "required": ["id", "status", "video", "duration", "error", "meta"],
        "properties": {
            "id": {"type": "string"}, "status": {"enum": ["completed"]},
            "video": {"type": "object", "required": ["url", "duration"],
                      "properties": {"url": {"type": "string"}, "duration": {"type": "number"}}},
            "duration": {"type": "number"}, "error": {"type": "null"},
            "meta": {"type": "object", "required": ["usage", "engine", "prompt", "seed"],
                     "properties": {"usage": USAGE, "engine": {"type": "string"},
                                    "prompt": {"type": "string"}, "seed": {"type": "integer"}}}}}),
    "error": jsonschema.Draft4Validator({
        "type": "object", "additionalProperties": False,
        "required": ["id", "status", "video", "error", "meta"],
        "properties": {
            "id": {"type": "string"}, "status": {"enum": ["error"]}, "video": {"type": "null"},
            "duration": {"type": "null"},
            "error": {"type": "object", "required": ["name", "message"],
                      "additionalProperties": False,
                      "properties": {"name": {"type": "string", "minLength": 1},
                                     "message": {"type": "string", "minLength": 1}}},
            "meta": {"type": "object", "required": ["usage"], "properties": {"usage": USAGE}}}}),
}

PROBLEM = jsonschema.Draft4Validator({
    "type": "object", "additionalProperties": False,
    "required": ["title", "status", "message", "instance", "requestId", "timestamp", "error"],
    "properties": {
        "title": {"type": "string", "minLength": 1}, "status": {"type": "integer"},
        "message": {"type": "string", "minLength": 1}, "instance": {"type": "string"},
        "requestId": {"type": "string", "minLength": 1},
        "timestamp": {"type": "string",
                      "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "error": {"type": "object", "required": ["name", "message"], "additionalProperties": False,
                  "properties": {"name": {"type": "string", "pattern": "Exception$"},
                                 "message": {"type": "string", "minLength": 1}, "data": {}}}}})


def created(body):
    """A 200 of POST, in the words of every era."""
    demand(PUBLISHED_CREATE, body, "the published schema of POST")
    demand(LEGACY_CREATE, body, "the older pages of POST")
    demand(OUR_CREATE, body, "the contract of POST")
    assert body["id"] == body["generation_id"]
    assert body["meta"]["usage"]["credits_used"] == body["meta"]["usage"]["tokens_used"]


def polled(body):
    """A 200 of GET, in the words of every era."""
    demand(PUBLISHED_POLL, body, "the published schema of GET")
    demand(PUBLISHED_CREATE, body, "the published schema of POST")
    demand(LEGACY_POLL, body, "the older pages of GET")
    kind = body["status"] if body["status"] in OUR_POLL else "pending"
    demand(OUR_POLL[kind], body, f"the contract of GET, {body['status']}")
    assert ("position" in body["meta"]) == (body["status"] == "queued"), body


def problem(answer, target):
    """An error body, as contract and headers have it."""
    assert answer.header("Content-Type") == "application/problem+json; charset=utf-8", \
        (answer, answer.header("Content-Type"))
    body = answer.json
    demand(PROBLEM, body, "the problem body")
    assert body["status"] == answer.status
    assert body["message"] == body["error"]["message"]
    assert body["requestId"] == answer.header("x-request-id"), (body, answer.header("x-request-id"))
    assert body["instance"] == target, (body["instance"], target)
    assert "aimlapi.com" not in answer.body.decode()


class Document:
    """The server's own OpenAPI document, as a judge of its answers."""

    def __init__(self, server):
        from support.wire import Wire, request
        with Wire(server.port, tls=server.tls_context() if server.tls else None) as wire:
            wire.send(request("GET", "/openapi.json", [("Host", "test"), ("Connection", "close")]))
            answer = wire.answer()
        assert answer.status == 200 and answer.type == "application/json", answer
        self.json = answer.json
        self.paths = [(re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path)
                      for path in self.json["paths"]]
        self.paths.sort(key=lambda p: "{" in p[1])
        self.validators = {}

    def operation(self, method, path):
        method = "get" if method == "HEAD" else method.lower()
        for pattern, name in self.paths:
            if pattern.match(path) and method in self.json["paths"][name]:
                return name, self.json["paths"][name][method]
        return None, None

    def response(self, operation, status):
        found = operation["responses"].get(str(status), operation["responses"].get("default"))
        if found and "$ref" in found:
            found = resolve(found["$ref"], self.json)
        return found

    def hold(self, server, method, target, answer):
        """Every promise that one answer can break by itself."""
        path = urllib.parse.urlsplit(target).path
        common(answer)
        if answer.status >= 400 and method != "HEAD":
            problem(answer, target)
        name, operation = self.operation(method, urllib.parse.unquote(path))
        if operation is None:
            assert answer.status in (204, 404, 405, 431, 503), (method, target, answer)
            return
        described = self.response(operation, answer.status)
        assert described, f"{method} {name} does not describe {answer.status}: {answer}"
        content = described.get("content")
        if method == "HEAD" or not content or not answer.body:
            return
        assert answer.type in content or "*/*" in content, \
            f"{method} {name} {answer.status} is {answer.type}, described are {list(content)}"
        if answer.type.endswith("json"):
            self.validate((method, name, answer.status, answer.type),
                          content[answer.type].get("schema", {}), answer.json)

    def validate(self, key, schema, value):
        if key not in self.validators:
            self.validators[key] = validator(schema, self.json, closed=True)
        demand(self.validators[key], value, f"the OpenAPI document, {key}")


def common(answer):
    """What every reply has."""
    assert answer.header("x-request-id"), dict(answer.headers)
    assert answer.header("Access-Control-Allow-Origin") == "*", dict(answer.headers)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    exposed = {h.strip().lower()
               for h in answer.header("Access-Control-Expose-Headers", "").split(",")}
    assert {"x-inference-id", "x-client-request-id", "x-aimlapi-credits-used",
            "x-aimlapi-usd-spent"} <= exposed, exposed
