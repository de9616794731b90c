// keys.tsx - every key of the server: made, limited, given credits, revoked.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { changeKey, listKeys, revokeKey } from '../api/client';
import { Problem } from '../api/http';
import type { KeyRow } from '../api/types';
import { count, CREDITS_PER_USD, usd } from '../lib/format';
import { ConfirmButton, Empty } from '../parts/controls';
import { Icon } from '../parts/icons';
import { toast } from '../state/notices';
import { account } from '../state/session';
import { KeyForm } from './key-form';
import { NewKey } from './new-key';

export function Keys({ admin }: { admin: string }): JSX.Element {
  const rows = useSignal<KeyRow[] | null>(null);
  const [trouble, setTrouble] = useState('');
  const [edited, setEdited] = useState('');

  const load = async (): Promise<void> => {
    try {
      rows.value = (await listKeys(admin)).data;
      setTrouble('');
    } catch (e) {
      setTrouble(e instanceof Problem ? e.message : String(e));
    }
  };
  useEffect(() => void load(), [admin]);

  const act = async (what: Promise<unknown>, done: string): Promise<void> => {
    try {
      await what;
      toast(done);
      setEdited('');
    } catch (e) {
      toast(e instanceof Problem ? e.message : String(e));
    }
    await load();
  };
  if (trouble) return <Empty title={trouble} />;
  return (
    <>
      <NewKey admin={admin} onMade={() => void load()} />
      {rows.value === null && (
        <p class="loading" role="status">
          Loading…
        </p>
      )}
      <ul class="keys" aria-label="Keys" hidden={rows.value === null}>
        {rows.value?.map((row) => (
          <li key={row.prefix} class={row.disabled ? 'key off' : 'key'}>
            <KeyHead row={row} />
            <KeyFacts row={row} />
            <div class="key-actions">
              <button type="button" class="button small" aria-expanded={edited === row.prefix} onClick={() => setEdited(edited === row.prefix ? '' : row.prefix)}>
                Change
              </button>
              <button type="button" class="button small" onClick={() => void act(changeKey(admin, row.prefix, { disabled: !row.disabled }), row.disabled ? 'Key enabled.' : 'Key disabled.')}>
                {row.disabled ? 'Enable' : 'Disable'}
              </button>
              <ConfirmButton label="Revoke" sure="Revoke for ever?" icon="trash" onConfirm={() => void act(revokeKey(admin, row.prefix), 'Key revoked.')} />
            </div>
            {edited === row.prefix && (
              <KeyForm row={row} onSave={(body) => void act(changeKey(admin, row.prefix, body), 'Key changed.')} onCancel={() => setEdited('')} />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function KeyHead({ row }: { row: KeyRow }): JSX.Element {
  return (
    <p class="key-head">
      <span class="key-name" dir="auto">
        {row.name || 'Without a name'}
      </span>
      <span class="mono quiet">{row.prefix}…</span>
      {row.admin && <span class="badge">administrator</span>}
      {row.prefix === account.value?.prefix && <span class="badge">this tab</span>}
      {row.disabled && (
        <span class="badge badge-bad">
          <Icon name="alert" />
          off
        </span>
      )}
    </p>
  );
}

function KeyFacts({ row }: { row: KeyRow }): JSX.Element {
  const parts = [
    row.limited && row.balance !== undefined ? `${usd(row.balance / CREDITS_PER_USD)} (${count(row.balance)} credits) left` : 'credits not limited',
    `${usd(row.monthly_usage ?? 0)} this month`,
    row.requests_per_minute ? `${count(row.requests_per_minute)} requests a minute` : 'any number of requests',
    row.jobs_at_once ? `${count(row.jobs_at_once)} jobs at once` : 'any number of jobs',
    row.running || row.queued ? `${row.running ?? 0} running, ${row.queued ?? 0} waiting` : false,
  ];
  return <p class="hint">{parts.filter(Boolean).join(' · ')}</p>;
}
