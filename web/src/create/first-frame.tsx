// first-frame.tsx - the picture that a video begins with: dropped, pasted, chosen or linked, and
// measured at once.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { judge, pictureOfFile, pictureOfUrl, type Picture } from '../lib/image';
import { Faults, IconButton } from '../parts/controls';
import { Icon } from '../parts/icons';
import { faults, issuesOf, limits, picture, setPicture } from '../state/draft';
import { announce } from '../state/notices';

async function take(next: Promise<Picture>): Promise<void> {
  const found = await next;
  setPicture(found);
  const broken = judge(found, limits.peek().image).filter((v) => v.ok === false);
  announce(broken.length ? broken.map((v) => v.text).join('. ') : 'First frame added.');
}

const fileOf = (list: DataTransfer | null): File | undefined => [...(list?.files ?? [])][0];

export function FirstFrame({ tried }: { tried: boolean }): JSX.Element {
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [linking, setLinking] = useState(false);
  const required = limits.value.image.required;
  const texts = issuesOf('image');
  const shown = texts.length ? texts : tried && !picture.value && faults.value.image ? [faults.value.image] : [];
  usePaste();

  const drop = (e: DragEvent): void => {
    e.preventDefault();
    setOver(false);
    const file = fileOf(e.dataTransfer);
    const link = e.dataTransfer?.getData('text/uri-list');
    if (file) void take(pictureOfFile(file, file.name));
    else if (link && /^https?:/.test(link)) void take(pictureOfUrl(link));
  };
  return (
    <div class="field">
      <span class="label" id="frame-label">
        First frame <span class="quiet">{required ? 'needed by this model' : 'optional'}</span>
      </span>
      <div
        class={`frame${over ? ' over' : ''}${shown.length ? ' wrong' : ''}`}
        role="group"
        aria-labelledby="frame-label"
        aria-describedby="frame-faults"
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {picture.value ? (
          <Chosen picture={picture.value} />
        ) : linking ? (
          <LinkForm onDone={() => setLinking(false)} />
        ) : (
          <div class="frame-empty">
            <Icon name="image" />
            <span class="frame-hint">Drop or paste a picture</span>
            <button type="button" class="button small" onClick={() => chooser.current?.click()}>
              Choose a file
            </button>
            <button type="button" class="button small" onClick={() => setLinking(true)}>
              Link
            </button>
          </div>
        )}
        <input
          ref={chooser}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-label="First frame, from a file"
          accept={limits.value.image.types.join(',')}
          onChange={(e) => {
            const file = e.currentTarget.files?.[0];
            if (file) void take(pictureOfFile(file, file.name));
            e.currentTarget.value = '';
          }}
        />
      </div>
      <Faults id="frame-faults" texts={shown} />
    </div>
  );
}

/** A picture pasted anywhere in the view; words are left to the field that has the focus. */
function usePaste(): void {
  useEffect(() => {
    const paste = (e: ClipboardEvent): void => {
      const file = fileOf(e.clipboardData);
      if (!file) return;
      e.preventDefault();
      void take(pictureOfFile(file, file.name || 'pasted picture'));
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, []);
}

function LinkForm({ onDone }: { onDone(): void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const use = (): void => {
    const url = field.current?.value.trim() ?? '';
    if (!/^https?:\/\/./.test(url)) {
      field.current?.setCustomValidity('An address that begins with http:// or https://');
      field.current?.reportValidity();
      return;
    }
    void take(pictureOfUrl(url)).then(onDone);
  };
  return (
    <div class="frame-link">
      <input
        ref={field}
        class="input"
        type="url"
        inputMode="url"
        aria-label="Address of the picture"
        placeholder="https://"
        onInput={(e) => e.currentTarget.setCustomValidity('')}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey) {
            e.preventDefault();
            use();
          }
          if (e.key === 'Escape') onDone();
        }}
      />
      <button type="button" class="button small" onClick={use}>
        Use
      </button>
      <IconButton icon="close" label="Cancel" onClick={onDone} />
    </div>
  );
}

function Chosen({ picture: p }: { picture: Picture }): JSX.Element {
  return (
    <div class="frame-chosen">
      {p.shown ? (
        <img src={p.shown} alt="The first frame" referrerpolicy="no-referrer" />
      ) : (
        <span class="frame-blind">
          <Icon name="image" />
        </span>
      )}
      <div class="frame-facts">
        <p class="frame-name" dir="auto" title={p.name}>
          {p.name}
        </p>
        <ul class="verdicts">
          {judge(p, limits.value.image).map((v) => (
            <li key={v.rule} class={v.ok === false ? 'verdict bad' : v.ok ? 'verdict good' : 'verdict open'}>
              {v.ok !== null && <Icon name={v.ok ? 'check' : 'alert'} />}
              {v.text}
            </li>
          ))}
        </ul>
        {!p.shown && <p class="hint">It cannot be shown here. The server fetches it by itself.</p>}
      </div>
      <IconButton icon="close" label="Remove the first frame" onClick={() => setPicture(null)} />
    </div>
  );
}
