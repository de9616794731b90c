// history.tsx - everything that the key has made, found by words, model and state.
import type { JSX } from 'preact';
import { useSignal, type Signal } from '@preact/signals';
import { useCallback, useEffect } from 'preact/hooks';
import type { Generation, Status } from '../api/types';
import { Grid } from '../history/grid';
import { complete, loading, loadMore, lookForNew, removeRow, rows, startSearch, trouble } from '../history/store';
import { Empty, Heading, IconButton } from '../parts/controls';
import { Icon } from '../parts/icons';
import { ended, isFinal, jobSignal, unfinished } from '../state/jobs';
import { modelIds } from '../state/models';
import { go, place, rewrite } from '../state/router';
import { query, type Search } from '../api/client';
import { Card } from '../video/card';

const states: readonly { value: Status | ''; label: string }[] = [
  { value: '', label: 'Any state' },
  { value: 'completed', label: 'Finished' },
  { value: 'generating', label: 'Under way' },
  { value: 'queued', label: 'Waiting' },
  { value: 'error', label: 'Not made' },
];

/** Typing waits so long before it asks. */
const TYPING_MS = 250;
/** Changes that come closer together than this are looked at once. */
const SETTLE_MS = 400;

export function HistoryView(): JSX.Element {
  const at = place.value.query;
  const search: Search = { q: at.get('q') ?? '', model: at.get('model') ?? '', status: (at.get('status') ?? '') as Status | '' };
  const chosen = useSignal<string[]>([]);
  const turn = ended.value + unfinished.value.length;

  useEffect(() => {
    const timer = setTimeout(() => startSearch(search), rows.peek().length ? TYPING_MS : 0);
    return () => clearTimeout(timer);
  }, [search.q, search.model, search.status]);
  useEffect(() => {
    if (!turn) return undefined;
    const timer = setTimeout(() => void lookForNew(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [turn]);

  const more = useCallback(() => void loadMore(), []);
  const change = (part: Partial<Search>): void => rewrite(`#/history${query({ ...search, ...part })}`);
  const card = useCallback(
    (row: Generation) => (
      <Card row={row}>
        <Tools row={row} chosen={chosen} />
      </Card>
    ),
    [],
  );
  const filtered = search.q !== '' || search.model !== '' || search.status !== '';
  return (
    <div class="page page-wide">
      <Heading title="History" />
      <Filters search={search} onChange={change} />
      {rows.value.length > 0 && (
        <Grid
          items={rows.value}
          total={complete.value ? rows.value.length : null}
          onNearEnd={more}
          render={card}
        />
      )}
      {trouble.value ? (
        <Empty title={trouble.value}>
          <button type="button" class="button" onClick={() => void loadMore()}>
            Try again
          </button>
        </Empty>
      ) : loading.value ? (
        <p class="loading" role="status">
          Loading…
        </p>
      ) : (
        rows.value.length === 0 && complete.value && <NothingFound filtered={filtered} />
      )}
      {chosen.value.length > 0 && (
        <div class="tray" role="region" aria-label="Chosen to compare">
          <span>{chosen.value.length === 1 ? 'Choose another to compare with.' : 'Two videos chosen.'}</span>
          <button type="button" class="button small" onClick={() => (chosen.value = [])}>
            Clear
          </button>
          <button
            type="button"
            class="button small primary"
            disabled={chosen.value.length < 2}
            onClick={() => go(`/compare${query({ a: chosen.value[0], b: chosen.value[1] })}`)}
          >
            Compare
          </button>
        </div>
      )}
    </div>
  );
}

function Filters({ search, onChange }: { search: Search; onChange(part: Partial<Search>): void }): JSX.Element {
  return (
    <search class="filters">
      <div class="search">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          dir="auto"
          aria-label="Words of the prompt"
          placeholder="Words of the prompt"
          value={search.q}
          onInput={(e) => onChange({ q: e.currentTarget.value })}
        />
      </div>
      <select class="input" aria-label="Model" value={search.model} onChange={(e) => onChange({ model: e.currentTarget.value })}>
        <option value="">Any model</option>
        {modelIds.value.map((id) => (
          <option key={id}>{id}</option>
        ))}
      </select>
      <select class="input" aria-label="State" value={search.status} onChange={(e) => onChange({ status: e.currentTarget.value as Status | '' })}>
        {states.map((s) => (
          <option key={s.value} value={s.value}>
            {s.label}
          </option>
        ))}
      </select>
    </search>
  );
}

function Tools({ row, chosen }: { row: Generation; chosen: Signal<string[]> }): JSX.Element {
  const on = chosen.value.includes(row.id);
  const choose = (): void => {
    const now = chosen.value;
    chosen.value = on ? now.filter((other) => other !== row.id) : [...now.slice(-1), row.id];
  };
  const job = jobSignal(row.id).value ?? row;
  const words = (job.meta?.prompt_original ?? '').slice(0, 40);
  return (
    <span class="card-tools">
      {job.status === 'completed' && (
        <IconButton icon={on ? 'check' : 'compare'} label={`Compare: ${words}`} pressed={on} onClick={choose} />
      )}
      {isFinal(job) && <IconButton icon="trash" label={`Delete: ${words}`} onClick={() => removeRow(job)} />}
    </span>
  );
}

function NothingFound({ filtered }: { filtered: boolean }): JSX.Element {
  return filtered ? (
    <Empty title="Nothing fits this search.">
      <a class="button" href="#/history">
        Show everything
      </a>
    </Empty>
  ) : (
    <Empty title="No videos yet.">
      <a class="button primary" href="#/create">
        Make one
      </a>
    </Empty>
  );
}
