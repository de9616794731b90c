// new-key.tsx - makes a key and shows it the one time that it can be shown.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { createKey } from '../api/client';
import { Problem } from '../api/http';
import type { KeyRow } from '../api/types';
import { CopyButton } from '../parts/controls';
import { Icon } from '../parts/icons';
import { announce } from '../state/notices';
import { KeyForm } from './key-form';

export function NewKey({ admin, onMade }: { admin: string; onMade(): void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<KeyRow | null>(null);
  const [fault, setFault] = useState('');

  const make = async (body: Record<string, unknown>): Promise<void> => {
    try {
      setMade((await createKey(admin, body)).data);
      setOpen(false);
      setFault('');
      announce('The key is made. Copy it now; it is not shown again.');
      onMade();
    } catch (e) {
      const issues = e instanceof Problem ? e.issues.map((i) => `${i.path.join('.')}: ${i.message}`) : [];
      setFault(issues.join(' ') || (e instanceof Error ? e.message : String(e)));
    }
  };
  return (
    <div class="new-key">
      {made?.key && (
        <div class="made-key" role="region" aria-label="The new key">
          <p>
            <strong>Copy it now.</strong> The server keeps only its hash and cannot show it again.
          </p>
          <p class="made-key-row">
            <code class="breakable">{made.key}</code>
            <CopyButton text={() => made.key ?? ''} />
          </p>
          <button type="button" class="button small" onClick={() => setMade(null)}>
            I have it
          </button>
        </div>
      )}
      {open ? (
        <>
          <KeyForm onSave={(body) => void make(body)} onCancel={() => setOpen(false)} />
          {fault && (
            <p class="fault" role="alert">
              <Icon name="alert" />
              <span>{fault}</span>
            </p>
          )}
        </>
      ) : (
        <button type="button" class="button" onClick={() => setOpen(true)}>
          <Icon name="create" />
          New key
        </button>
      )}
    </div>
  );
}
