// build.tsx - the request of the form as a program, and what the server answers to it.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { root } from '../api/http';
import { CopyButton, Heading, Segments, Switch } from '../parts/controls';
import { Icon } from '../parts/icons';
import { elided } from '../snippets/request';
import { languages, programs, type Language } from '../snippets/languages';
import { bodyOf, faults, picture, problem, prompt, route, routes, sendDraft, sending, type Route } from '../state/draft';
import { jobSignal } from '../state/jobs';
import { key } from '../state/session';
import { go } from '../state/router';

const routeNames: readonly { value: Route; label: string }[] = [
  { value: 'universal', label: 'Universal' },
  { value: 'legacy', label: 'Legacy' },
];

export function BuildView(): JSX.Element {
  const [language, setLanguage] = useState<Language>('curl');
  const [withKey, setWithKey] = useState(false);
  const names = route.value;
  const body = bodyOf(names);
  const code = (sent: Record<string, unknown>): string =>
    programs[language]({
      origin: root.href.replace(/\/$/, ''),
      path: routes[names].path,
      body: sent,
      key: withKey ? key.value : '',
    });
  return (
    <div class="page page-wide build">
      <Heading title="Build">
        <p class="hint">The request that Create holds, ready to paste.</p>
      </Heading>
      <div class="build-parts">
        <section class="build-code" aria-label="Program">
          <div class="build-bar">
            <Segments label="Language" value={language} options={languages} onChange={(l) => setLanguage(l)} />
            <Segments label="Route" value={names} options={routeNames} onChange={(r) => (route.value = r)} />
          </div>
          <Code shown={code(elided(body))} whole={() => code(body)} hint={languages.find((l) => l.value === language)?.hint ?? ''} />
          <Switch
            label="With the key in it"
            hint="Otherwise the program reads ZOETROPE_KEY"
            checked={withKey}
            onChange={setWithKey}
          />
        </section>
        <section class="build-answer" aria-label="Answer">
          <RequestBody names={names} />
          <Answer names={names} />
        </section>
      </div>
    </div>
  );
}

function Code({ shown, whole, hint }: { shown: string; whole(): string; hint: string }): JSX.Element {
  return (
    <figure class="code">
      <figcaption>
        <span class="hint">{hint}</span>
        <CopyButton text={whole} />
      </figcaption>
      <pre tabIndex={0} aria-label="Source">
        <code>{shown}</code>
      </pre>
    </figure>
  );
}

function RequestBody({ names }: { names: Route }): JSX.Element {
  return (
    <>
      <header class="section-head">
        <h2>Request</h2>
        <a href="#/create">Edit</a>
      </header>
      <div class="field">
        <label class="label" for="build-prompt">
          Prompt
        </label>
        <textarea
          id="build-prompt"
          class="input"
          dir="auto"
          rows={3}
          value={prompt.value}
          onInput={(e) => (prompt.value = e.currentTarget.value)}
        />
      </div>
      <p class="mono request-line">
        POST /{routes[names].path}
        {picture.value && <span class="quiet"> with a first frame</span>}
      </p>
    </>
  );
}

function Answer({ names }: { names: Route }): JSX.Element {
  const [id, setId] = useState('');
  const job = id ? jobSignal(id).value : undefined;
  const fault = Object.values(faults.value)[0];
  const sendIt = async (): Promise<void> => {
    const sent = await sendDraft(names);
    setId(sent?.id ?? sent?.generation_id ?? '');
  };
  const shown = problem.value
    ? { status: problem.value.status, message: problem.value.message, data: problem.value.issues, requestId: problem.value.requestId }
    : job;
  return (
    <>
      <div class="actions">
        <button type="button" class="button primary" disabled={sending.value || fault !== undefined} onClick={() => void sendIt()}>
          <Icon name="play" />
          {sending.value ? 'Sending…' : 'Send it'}
        </button>
        {job && (
          <button type="button" class="button" onClick={() => go(`/video/${encodeURIComponent(id)}`)}>
            Open the video
          </button>
        )}
      </div>
      {fault && <p class="hint">{fault}</p>}
      <header class="section-head">
        <h2>Answer</h2>
      </header>
      {shown ? (
        <figure class="code">
          <pre tabIndex={0} aria-label="Answer of the server">
            <code>{JSON.stringify(shown, null, 2)}</code>
          </pre>
        </figure>
      ) : (
        <p class="hint">Send it, and the answer stands here; it changes as the work goes on.</p>
      )}
    </>
  );
}
