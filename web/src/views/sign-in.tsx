// sign-in.tsx - asks for a key when the address brought none.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem } from '../api/http';
import { Faults, Heading } from '../parts/controls';
import { refusal, signIn } from '../state/session';

export function SignInView(): JSX.Element {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const shown = fault || refusal.value;

  const enter = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (!typed.trim()) return setFault('Paste a key here.');
    setBusy(true);
    try {
      await signIn(typed.trim());
    } catch (problem) {
      setFault(problem instanceof Problem && problem.status === 401 ? 'This is not a valid key.' : String((problem as Error).message));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="sign-in" onSubmit={(e) => void enter(e)}>
      <Heading title="Sign in" />
      <p>Text or a picture in, a video out, on this machine.</p>
      <div class="field">
        <label class="label" for="key">
          Key
        </label>
        <input
          id="key"
          class="input mono"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          value={typed}
          aria-invalid={shown !== ''}
          aria-describedby="key-faults"
          onInput={(e) => {
            setTyped(e.currentTarget.value);
            setFault('');
          }}
        />
        <div role="alert">
          <Faults id="key-faults" texts={shown ? [shown] : []} />
        </div>
      </div>
      <button type="submit" class="button primary" disabled={busy}>
        {busy ? 'Asking…' : 'Sign in'}
      </button>
      <section class="sign-in-help" aria-label="Where a key comes from">
        <p>
          The first start of the server made one: it is in the file <code>key</code> of the data directory. More are made with
        </p>
        <pre>
          <code>zoetrope key create --name NAME</code>
        </pre>
        <p class="hint">The key stays in this tab and ends with it.</p>
      </section>
    </form>
  );
}
