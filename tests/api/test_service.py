"""What stands around the jobs: models, health, readiness, metrics, the document, the docs page."""
import re

import jsonschema
import pytest

from support import schemas
from support.client import LEGACY, ROUTES, UNIVERSAL

pytestmark = pytest.mark.quick


def test_models_need_no_key_and_are_exact(api):
    answer = api.get("/v1/models", auth=False)
    assert answer.status == 200 and answer.json["object"] == "list"
    rows = {m["id"]: m for m in answer.json["data"]}
    assert {"video-01", "video-01-live2d"} <= set(rows)
    row = rows["video-01"]
    assert row["type"] == "internal/video-generations/submit"
    assert isinstance(row["aliases"], list) and isinstance(row["tags"], list)
    assert row["info"]["name"] and row["info"]["developer"]
    assert "aimlapi.com" not in answer.body.decode()


def test_models_answer_if_none_match(api):
    first = api.get("/v1/models", auth=False)
    etag = first.header("ETag")
    assert re.fullmatch(r'(W/)?"[^"]+"', etag)
    again = api.get("/v1/models", auth=False, headers={"If-None-Match": etag})
    assert again.status == 304 and again.body == b"" and again.header("ETag") == etag
    assert api.get("/v1/models", auth=False, headers={"If-None-Match": '"other"'}).status == 200
    assert "max-age=" in first.header("Cache-Control")


def test_health_is_told_to_anybody(api):
    answer = api.get("/healthz", auth=False)
    assert answer.status == 200, answer


def test_readiness_follows_the_workers(idle, studio):
    assert studio.client().get("/readyz", auth=False).status == 200
    answer = idle.client().get("/readyz", auth=False, check=False)
    assert answer.status in (200, 503), answer


METRIC = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)( -?\d+)?$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')


def parse_metrics(text):
    """The Prometheus text format 0.0.4, strictly: {name: {labels: value}}, {name: type}."""
    assert text.endswith("\n")
    samples, types, helps = {}, {}, {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            assert words and name not in helps, line
            helps[name] = words
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped")
            assert name not in types and name not in samples, line
            types[name] = kind
        elif line and not line.startswith("#"):
            found = METRIC.match(line)
            assert found, line
            name, labels, value = found.group(1), found.group(2) or "", float(found.group(3))
            if labels:
                inside = labels[1:-1].rstrip(",")
                parts = LABEL.findall(inside)
                assert ",".join(f'{k}="{v}"' for k, v in parts) == inside, line
            family = re.sub(r"_(bucket|sum|count|total)$", "", name)
            assert name in types or family in types, f"{name} has no TYPE"
            assert labels not in samples.setdefault(name, {}), f"{line} twice"
            samples[name][labels] = value
    assert set(types) <= set(helps)
    return samples, types


def test_metrics_are_prometheus_text(api):
    api.make()
    answer = api.get("/metrics", auth=False, check=False)
    assert answer.status == 200
    assert answer.header("Content-Type").startswith("text/plain; version=0.0.4")
    samples, types = parse_metrics(answer.body.decode())
    assert len(samples) >= 5 and all(name.startswith(("zoetrope_", "process_")) for name in samples)
    assert any(kind == "counter" for kind in types.values())


def test_histograms_add_up(api):
    samples, types = parse_metrics(api.get("/metrics", auth=False, check=False).body.decode())
    for name, kind in types.items():
        if kind != "histogram":
            continue
        series = {}
        for labels, value in samples.get(f"{name}_bucket", {}).items():
            bound = re.search(r'le="([^"]+)"', labels).group(1)
            rest = re.sub(r',?le="[^"]+",?', "", labels)
            series.setdefault(rest, []).append((float(bound), value))
        for rest, buckets in series.items():
            values = [v for _, v in sorted(buckets)]
            assert values == sorted(values), (name, rest)
            assert sorted(buckets)[-1][0] == float("inf")


def test_metrics_count_what_happens(api):
    def total():
        samples, _ = parse_metrics(api.get("/metrics", auth=False, check=False).body.decode())
        return sum(sum(v.values()) for n, v in samples.items() if "request" in n and n.endswith("_total"))
    before = total()
    for _ in range(5):
        api.get("/v2/billing")
    assert total() >= before + 5


def references(node, found):
    if isinstance(node, dict):
        if "$ref" in node:
            found.append(node["$ref"])
        for value in node.values():
            references(value, found)
    elif isinstance(node, list):
        for value in node:
            references(value, found)
    return found


def test_the_document_is_sound(idle):
    document = idle.document().json
    assert document["openapi"].startswith("3.0.")
    assert document["info"]["title"] and document["info"]["version"]
    for reference in references(document, []):
        schemas.resolve(reference, document)
    names = set()
    for path, item in document["paths"].items():
        assert path.startswith("/")
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert operation["responses"], (method, path)
            assert operation["operationId"] not in names, operation["operationId"]
            names.add(operation["operationId"])
            parameters = operation.get("parameters", []) + item.get("parameters", [])
            parameters = [schemas.resolve(p["$ref"], document) if "$ref" in p else p
                          for p in parameters]
            declared = {p["name"] for p in parameters if p["in"] == "path"}
            assert declared == set(re.findall(r"\{([^}.]+)[^}]*\}", path)), path
            assert all(p["required"] for p in parameters if p["in"] == "path"), path
            bodies = list(operation["responses"].values())
            bodies += [operation["requestBody"]] if "requestBody" in operation else []
            for body in bodies:
                if "$ref" in body:
                    body = schemas.resolve(body["$ref"], document)
                assert body.get("description") or "content" in body
                for media in body.get("content", {}).values():
                    jsonschema.Draft4Validator.check_schema(
                        schemas.to_json_schema(media.get("schema", {}), document))
    assert document["components"]["securitySchemes"]


def test_the_document_names_every_route(idle):
    paths = idle.document().json["paths"]
    for route in ROUTES:
        assert {"get", "post"} <= set(paths[route]), route
    assert "delete" in paths[UNIVERSAL]
    for path in (f"{UNIVERSAL}/list", "/v1/models", "/v2/billing", "/v1/billing/balance",
                 "/v2/billing/transactions", "/v2/usage", "/openapi.json", "/healthz", "/readyz",
                 "/metrics"):
        assert "get" in paths[path], path


@pytest.mark.parametrize("route, names", [(UNIVERSAL, ("image_url", "enhance_prompt")),
                                          (LEGACY, ("first_frame_image", "prompt_optimizer"))])
def test_the_document_describes_the_published_body(idle, route, names):
    document = idle.document().json
    body = document["paths"][route]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = schemas.to_json_schema(body, document)
    assert body["type"] == "object" and {"model", "prompt"} <= set(body["required"])
    fields = body["properties"]
    assert "video-01" in fields["model"]["enum"]
    assert fields["prompt"]["type"] == "string" and fields["prompt"]["maxLength"] == 2000
    assert names[0] in fields and names[1] in fields
    assert "boolean" in fields[names[1]]["type"] and fields[names[1]]["default"] is True


def test_the_page_without_scripts_is_safe_and_whole(api):
    answer = api.get("/docs/api", auth=False)
    assert answer.status == 200 and answer.type == "text/html"
    page = answer.body.decode()
    assert UNIVERSAL in page and LEGACY in page and "<script" not in page
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "default-src 'none'" in answer.header("Content-Security-Policy", "")


def test_the_command_prints_the_same_document(idle):
    import json
    from support.server import command
    printed = json.loads(command("openapi").stdout)
    served = dict(idle.document().json)
    for one in (printed, served):
        one.pop("servers", None)
    assert printed == served
