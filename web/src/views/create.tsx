// create.tsx - the first view: the request on one side, what becomes of it on the other.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { FirstFrame } from '../create/first-frame';
import { Options } from '../create/options';
import { PromptField } from '../create/prompt-field';
import { SendBar } from '../create/send-bar';
import { Heading } from '../parts/controls';
import { Icon } from '../parts/icons';
import { Latest } from '../video/latest';
import { VideoPanel } from '../video/panel';
import { faults, problem, sendDraft, shownJob } from '../state/draft';
import { announce } from '../state/notices';

export function CreateView(): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const result = useRef<HTMLElement>(null);
  const [tried, setTried] = useState(false);

  const send = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(faults.peek()).length > 0) return focusFault(form.current);
    const job = await sendDraft();
    if (!job) return focusFault(form.current);
    setTried(false);
    announce('Sent.');
    // On a narrow screen the result is below the form.
    const box = result.current?.getBoundingClientRect();
    if (box && box.top > innerHeight - 200) result.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <div class="create">
      <form
        ref={form}
        class="composer"
        aria-label="A new video"
        noValidate
        onSubmit={(e) => e.preventDefault()}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
          e.preventDefault();
          void send();
        }}
      >
        <Heading title="Make a video" />
        <PromptField tried={tried} />
        <FirstFrame tried={tried} />
        <Options />
        <SendBar onSend={() => void send()} />
      </form>
      <section class="result" ref={result} aria-label="The video">
        {shownJob.value ? <VideoPanel key={shownJob.value} id={shownJob.value} onGone={() => (shownJob.value = '')} /> : <NothingYet />}
        <Latest />
      </section>
    </div>
  );
}

/** To the first field that is wrong, once its sentence stands there. */
function focusFault(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], .frame.wrong button');
    first?.focus();
    const texts = [...(form?.querySelectorAll('.fault') ?? [])].map((f) => f.textContent);
    if (texts.length && problem.peek()?.status !== 0) announce(texts.join(' '));
  });
}

function NothingYet(): JSX.Element {
  return (
    <div class="stage stage-empty">
      <Icon name="play" />
      <p>Your video will appear here.</p>
      <p class="hint">Choose an example, then make the video. It takes seconds.</p>
    </div>
  );
}
