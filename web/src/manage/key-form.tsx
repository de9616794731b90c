// key-form.tsx - the limits of a key, as a form for making one or changing one.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KeyRow } from '../api/types';

export interface KeyFormProps {
  row?: KeyRow;
  onSave(body: Record<string, unknown>): void;
  onCancel(): void;
}

/** Only what was typed and differs is sent; empty leaves a limit as it is. */
function bodyOf(form: FormData, row: KeyRow | undefined): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const name = String(form.get('name') ?? '').trim();
  if (name && name !== row?.name) body['name'] = name;
  const credits = String(form.get('credits') ?? '').trim();
  if (credits) body[row ? 'credits_add' : 'credits'] = Number(credits);
  for (const limit of ['requests_per_minute', 'jobs_at_once'] as const) {
    const typed = String(form.get(limit) ?? '').trim();
    if (typed !== '' && Number(typed) !== (row?.[limit] ?? null)) body[limit] = Number(typed);
  }
  return body;
}

export function KeyForm({ row, onSave, onCancel }: KeyFormProps): JSX.Element {
  const [touched, setTouched] = useState(!row);
  const at = row?.prefix ?? 'new';
  const limit = (value: number | null | undefined): string => (value ? String(value) : '');
  return (
    <form
      class="key-form"
      aria-label={row ? `Change key ${row.prefix}` : 'New key'}
      onInput={() => setTouched(true)}
      onSubmit={(e) => {
        e.preventDefault();
        onSave(bodyOf(new FormData(e.currentTarget), row));
      }}
    >
      <Field id={`name-${at}`} name="name" label="Name" type="text" value={row?.name ?? ''} maxLength={64} />
      <Field id={`credits-${at}`} name="credits" label={row ? 'Add credits' : 'Credits'} type="number" value="" min={row ? undefined : 0} placeholder={row ? '0' : 'not limited'} />
      <Field id={`rpm-${at}`} name="requests_per_minute" label="Requests a minute" type="number" min={0} value={limit(row?.requests_per_minute)} placeholder="any" />
      <Field id={`jobs-${at}`} name="jobs_at_once" label="Jobs at once" type="number" min={0} value={limit(row?.jobs_at_once)} placeholder="any" />
      <div class="key-form-end">
        <button type="submit" class="button primary small" disabled={!touched}>
          {row ? 'Save' : 'Make the key'}
        </button>
        <button type="button" class="button small" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function Field(props: {
  id: string;
  name: string;
  label: string;
  type: 'text' | 'number';
  value: string;
  min?: number | undefined;
  maxLength?: number;
  placeholder?: string;
}): JSX.Element {
  const { label, type, value, ...rest } = props;
  return (
    <div class="field">
      <label class="label" for={props.id}>
        {label}
      </label>
      {type === 'number' ? (
        <input class="input" type="number" step={1} defaultValue={value} autocomplete="off" {...rest} />
      ) : (
        <input class="input" type="text" defaultValue={value} autocomplete="off" {...rest} />
      )}
    </div>
  );
}
