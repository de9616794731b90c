// credits.tsx - what this key has, what it used, and every entry of its ledger.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { listTransactions } from '../api/client';
import { Problem } from '../api/http';
import type { KeyRow, Transaction } from '../api/types';
import { count, CREDITS_PER_USD, moment, usd } from '../lib/format';
import { Empty } from '../parts/controls';
import { ended } from '../state/jobs';
import { account, refreshAccount } from '../state/session';
import { Chart } from './chart';
import { byDay, dateOf } from './ledger';

const DAYS = 30;
const PAGE = 100;
/** So many pages of the last days are read for the chart; beyond it the chart says that it is not whole. */
const PAGES_FOR_CHART = 20;

export function Credits(): JSX.Element {
  const rows = useSignal<Transaction[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [whole, setWhole] = useState(true);
  const [state, setState] = useState<'loading' | 'ready' | string>('loading');

  useEffect(() => {
    let left = false;
    const load = async (): Promise<void> => {
      const since = dateOf(Date.now() - DAYS * 86_400_000);
      const found: Transaction[] = [];
      let next: string | null = null;
      let pages = 0;
      do {
        const page: Awaited<ReturnType<typeof listTransactions>> = await listTransactions(PAGE, next ?? undefined);
        found.push(...page.data);
        next = page.pagination.next_cursor;
      } while (next && ++pages < PAGES_FOR_CHART && (found.at(-1)?.created_at ?? '') >= since);
      if (left) return;
      rows.value = found;
      setCursor(next);
      setWhole(!next || (found.at(-1)?.created_at ?? '') < since);
      setState('ready');
    };
    void refreshAccount();
    load().catch((e: unknown) => !left && setState(e instanceof Problem ? e.message : String(e)));
    return () => {
      left = true;
    };
  }, [ended.value]);

  const more = async (): Promise<void> => {
    const page = await listTransactions(PAGE, cursor ?? undefined);
    rows.value = [...rows.value, ...page.data];
    setCursor(page.pagination.next_cursor);
  };
  if (state === 'loading') return <p class="loading" role="status">Loading…</p>;
  if (state !== 'ready') return <Empty title={state} />;
  return (
    <>
      {account.value && <Balance row={account.value} />}
      <Chart days={byDay(rows.value, DAYS, Date.now())} />
      {!whole && <p class="hint">The chart holds the newest {count(rows.value.length)} entries only.</p>}
      <Ledger rows={rows.value} />
      {cursor && (
        <button type="button" class="button" onClick={() => void more()}>
          Earlier entries
        </button>
      )}
    </>
  );
}

function Balance({ row }: { row: KeyRow }): JSX.Element {
  const balance = row.balance ?? 0;
  return (
    <dl class="tiles">
      {row.limited ? (
        <Tile name="Balance" value={usd(balance / CREDITS_PER_USD)} more={`${count(balance)} credits`} />
      ) : (
        <Tile name="Balance" value="Not limited" more="this key is metered only" />
      )}
      {row.reserved !== undefined && <Tile name="Reserved for jobs under way" value={usd(row.reserved / CREDITS_PER_USD)} more={`${count(row.reserved)} credits`} />}
      <Tile name="This month" value={usd(row.monthly_usage ?? 0)} more={`key ${row.prefix}${row.name ? `, ${row.name}` : ''}`} />
    </dl>
  );
}

export function Tile({ name, value, more }: { name: string; value: string; more?: string }): JSX.Element {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class="tile-value">{value}</span>
        {more && <span class="hint">{more}</span>}
      </dd>
    </div>
  );
}

const words: Record<string, string> = {
  MODEL_USAGE: 'Video',
  PAYMENT: 'Payment',
  BONUS: 'Bonus',
  REFUND: 'Refund',
  ADJUSTMENT: 'Adjustment',
  CREDITS_EXPIRED: 'Expired',
  INIT: 'First credits',
};

function Ledger({ rows }: { rows: readonly Transaction[] }): JSX.Element {
  if (rows.length === 0) return <Empty title="No entries yet." />;
  return (
    <div class="table-box" role="region" aria-label="Transactions" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col" class="spare">
              Model
            </th>
            <th scope="col" class="number">
              Credits
            </th>
            <th scope="col" class="number">
              USD
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((t, i) => {
            const sign = t.direction === 'CHARGE' ? '−' : '+';
            return (
              <tr key={`${t.created_at} ${t.reference_id} ${i}`}>
                <td>
                  <time dateTime={t.created_at}>{moment(t.created_at)}</time>
                </td>
                <td>{t.type === 'MODEL_USAGE' && t.reference_id ? <a href={`#/video/${encodeURIComponent(t.reference_id)}`}>Video</a> : (words[t.type] ?? t.type)}</td>
                <td class="spare">{t.model ?? ''}</td>
                <td class="number">
                  {sign}
                  {count(t.amount.credits)}
                </td>
                <td class="number">
                  {sign}
                  {usd(t.amount.usd)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
