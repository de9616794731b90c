// needs-admin.tsx - asks for an administrator's key where the key of the tab is not one.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem } from '../api/http';
import { Faults } from '../parts/controls';
import { adminKey, lendAdmin } from '../state/session';

export function NeedsAdmin({ what, children }: { what: string; children(admin: string): JSX.Element }): JSX.Element {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState('');
  if (adminKey.value) return children(adminKey.value);

  const lend = async (e: Event): Promise<void> => {
    e.preventDefault();
    try {
      await lendAdmin(typed.trim());
    } catch (problem) {
      setFault(problem instanceof Problem && problem.status === 401 ? 'This is not a valid key.' : String((problem as Error).message));
    }
  };
  return (
    <form class="ask-admin" onSubmit={(e) => void lend(e)}>
      <p>{what}</p>
      <div class="field">
        <label class="label" for="admin-key">
          Administrator’s key
        </label>
        <div class="with-button">
          <input
            id="admin-key"
            class="input mono"
            type="password"
            autocomplete="off"
            value={typed}
            aria-invalid={fault !== ''}
            aria-describedby="admin-faults"
            onInput={(e) => {
              setTyped(e.currentTarget.value);
              setFault('');
            }}
          />
          <button type="submit" class="button primary" disabled={!typed.trim()}>
            Use
          </button>
        </div>
        <div role="alert">
          <Faults id="admin-faults" texts={fault ? [fault] : []} />
        </div>
        <p class="hint">It stays in this tab. Videos are still made with your own key.</p>
      </div>
    </form>
  );
}
