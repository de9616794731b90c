// send-bar.tsx - what it will cost and take, and the button.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { estimate } from '../api/client';
import type { Estimate } from '../api/types';
import { count, CREDITS_PER_USD, seconds, usd } from '../lib/format';
import { Icon } from '../parts/icons';
import { generalProblem, limits, model, sending } from '../state/draft';
import { ended, unfinished } from '../state/jobs';

export function SendBar({ onSend }: { onSend(): void }): JSX.Element {
  return (
    <div class="send">
      {generalProblem.value && (
        <p class="fault general" role="alert">
          <Icon name="alert" />
          <span>{generalProblem.value}</span>
        </p>
      )}
      <div class="send-row">
        <Cost />
        <button type="submit" class="button primary" onClick={onSend} aria-disabled={sending.value}>
          {sending.value ? 'Sending…' : 'Make the video'}
          <kbd>Ctrl ⏎</kbd>
        </button>
      </div>
    </div>
  );
}

/** Asked again whenever the queue has changed; without an answer the price of the model stands. */
function Cost(): JSX.Element {
  const known = useSignal<Estimate | null>(null);
  const wanted = model.value;
  const turn = ended.value + unfinished.value.length;
  useEffect(() => {
    let late = false;
    const timer = setTimeout(() => {
      estimate(wanted).then(
        (e) => !late && (known.value = e),
        () => !late && (known.value = null),
      );
    }, 150);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [wanted, turn]);
  const e = known.value;
  const credits = e?.credits ?? limits.value.credits;
  return (
    <dl class="cost">
      <div>
        <dt>Cost</dt>
        <dd title={`${count(credits)} credits`}>{usd(e?.usd ?? credits / CREDITS_PER_USD)}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>{e?.seconds ? `about ${seconds(e.seconds)}` : 'not measured yet'}</dd>
      </div>
      {e !== null && e.queued > 0 && (
        <div>
          <dt>Queue</dt>
          <dd>{count(e.queued)} waiting</dd>
        </div>
      )}
    </dl>
  );
}
