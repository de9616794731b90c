// languages.ts - the same three steps in four languages: create, wait, save.
import { ascii, cString, python, shell, VARIABLE, type Request } from './request';

export type Language = 'curl' | 'python' | 'javascript' | 'c';

export const languages: readonly { value: Language; label: string; hint: string }[] = [
  { value: 'curl', label: 'curl', hint: 'A POSIX shell with curl.' },
  { value: 'python', label: 'Python', hint: 'Python 3 with requests.' },
  { value: 'javascript', label: 'JavaScript', hint: 'Node.js 18 or later; save as video.mjs.' },
  { value: 'c', label: 'C', hint: 'cc video.c -o video -lcurl -ljansson' },
];

export const programs: Record<Language, (r: Request) => string> = { curl, python: pythonProgram, javascript, c };

/** The body stands in a here-document: one argument of a program may not be as long as a picture. */
function curl(r: Request): string {
  const key = r.key ? r.key : `$${VARIABLE}`;
  return `KEY="${key}"
URL=${shell(`${r.origin}/${r.path}`)}

ask() { curl -sS --fail-with-body -H "Authorization: Bearer $KEY" "$@"; }
fail() { printf '%s\\n' "$JOB" >&2; exit 1; }
# The text of a member: inside of JSON's strings no quote stands without a backslash.
member() { printf '%s\\n' "$JOB" | sed -n 's/.*"'"$1"'":"\\([^"]*\\)".*/\\1/p'; }

JOB=$(ask "$URL" -H 'Content-Type: application/json' --data-binary @- <<'END'
${ascii(JSON.stringify(r.body))}
END
) || fail
ID=$(member id)

while :; do
  case $(member status) in
    queued | generating) JOB=$(ask "$URL?generation_id=$ID&wait=20") || fail ;;
    completed) curl -sS --fail "$(member url)" -o video.mp4; exit ;;
    *) fail ;;
  esac
done
`;
}

function pythonProgram(r: Request): string {
  const key = r.key ? JSON.stringify(r.key) : `os.environ["${VARIABLE}"]`;
  return `${r.key ? '' : 'import os\n\n'}import requests

url = ${JSON.stringify(`${r.origin}/${r.path}`)}
headers = {"Authorization": f"Bearer {${key.replace(/"/g, "'")}}"}
body = ${python(r.body)}

answer = requests.post(url, json=body, headers=headers, timeout=60)
answer.raise_for_status()
job = answer.json()
generation_id = job["id"]

while job["status"] in ("queued", "generating"):
    query = {"generation_id": generation_id, "wait": 20}
    job = requests.get(url, params=query, headers=headers, timeout=60).json()

if job["status"] == "completed":
    with open("video.mp4", "wb") as file:
        file.write(requests.get(job["video"]["url"], timeout=60).content)
else:
    print(job["error"])
`;
}

function javascript(r: Request): string {
  const key = r.key ? JSON.stringify(r.key) : `process.env.${VARIABLE}`;
  return `import { writeFile } from 'node:fs/promises';

const url = ${JSON.stringify(`${r.origin}/${r.path}`)};
const headers = { Authorization: \`Bearer \${${key}}\`, 'Content-Type': 'application/json' };
const body = ${JSON.stringify(r.body, null, 2)};

async function json(address, init) {
  const answer = await fetch(address, init);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

let job = await json(url, { method: 'POST', headers, body: JSON.stringify(body) });
const id = job.id;

while (job.status === 'queued' || job.status === 'generating')
  job = await json(\`\${url}?generation_id=\${id}&wait=20\`, { headers });

if (job.status === 'completed') {
  const video = await fetch(job.video.url);
  await writeFile('video.mp4', Buffer.from(await video.arrayBuffer()));
} else {
  console.error(job.error);
}
`;
}

function c(r: Request): string {
  const key = r.key ? cString(r.key) : `getenv("${VARIABLE}")`;
  const body = ascii(JSON.stringify(r.body)).match(/(?:\\u[0-9a-f]{4}|\\.|[^\\]){1,76}/g) ?? [];
  return `#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char url[] = ${cString(`${r.origin}/${r.path}`)};
static const char body[] = ${body.map(cString).join('\n    ')};

/* Sends one request; a body makes it a POST. The answer is the caller's to release. */
static json_t *ask(const char *address, const char *post)
{
    char *text = NULL, authorization[256];
    size_t size = 0;
    const char *key = ${key};
    FILE *answer = open_memstream(&text, &size);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *curl = curl_easy_init();
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", key ? key : "");
    headers = curl_slist_append(headers, authorization);
    curl_easy_setopt(curl, CURLOPT_URL, address);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (post)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    CURLcode code = curl_easy_perform(curl);
    fclose(answer);
    if (code != CURLE_OK)
        fprintf(stderr, "%s\\n", curl_easy_strerror(code));
    json_t *json = json_loads(text, 0, NULL);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(text);
    return json;
}

static void save(const char *address)
{
    FILE *file = fopen("video.mp4", "wb");
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, address);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, file);
    curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    fclose(file);
}

static const char *word(json_t *job, const char *name)
{
    const char *value = json_string_value(json_object_get(job, name));
    return value ? value : "";
}

int main(void)
{
    char poll[512];
    json_t *job = ask(url, body);
    snprintf(poll, sizeof poll, "%s?generation_id=%s&wait=20", url, word(job, "id"));
    while (!strcmp(word(job, "status"), "queued") || !strcmp(word(job, "status"), "generating")) {
        json_decref(job);
        job = ask(poll, NULL);
    }
    int made = !strcmp(word(job, "status"), "completed");
    if (made)
        save(word(json_object_get(job, "video"), "url"));
    else
        json_dumpf(job, stderr, JSON_INDENT(2));
    json_decref(job);
    return made ? 0 : 1;
}
`;
}
