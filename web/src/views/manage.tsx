// manage.tsx - looking after the server: this key's credits, all keys, queue, workers, disk.
import type { JSX } from 'preact';
import { Heading } from '../parts/controls';
import { Credits } from '../manage/credits';
import { Keys } from '../manage/keys';
import { NeedsAdmin } from '../manage/needs-admin';
import { ServerPanel } from '../manage/server';
import { place } from '../state/router';
import { account, adminKey, returnAdmin } from '../state/session';

const tabs = [
  { name: 'credits', title: 'Credits' },
  { name: 'keys', title: 'Keys' },
  { name: 'server', title: 'Server' },
] as const;

export function ManageView(): JSX.Element {
  const current = tabs.find((t) => t.name === place.value.id)?.name ?? 'credits';
  const lent = adminKey.value !== '' && !account.value?.admin;
  return (
    <div class="page page-wide">
      <Heading title="Manage">
        {lent && (
          <button type="button" class="button small" onClick={returnAdmin}>
            Give the administrator’s key back
          </button>
        )}
      </Heading>
      <nav class="tabs" aria-label="Manage">
        {tabs.map((t) => (
          <a key={t.name} href={`#/manage/${t.name}`} aria-current={t.name === current ? 'page' : undefined}>
            {t.title}
          </a>
        ))}
      </nav>
      {current === 'credits' && <Credits />}
      {current === 'keys' && <NeedsAdmin what="Keys are looked after by administrators.">{(admin) => <Keys admin={admin} />}</NeedsAdmin>}
      {current === 'server' && (
        <NeedsAdmin what="The state of the server is told to administrators.">{(admin) => <ServerPanel admin={admin} />}</NeedsAdmin>
      )}
    </div>
  );
}
