// controls.tsx - the small parts that every view uses.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { announce } from '../state/notices';
import { Icon, type IconName } from './icons';

export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick(event: MouseEvent): void;
  pressed?: boolean;
  disabled?: boolean;
  class?: string;
  shortcut?: string;
}): JSX.Element {
  const title = props.shortcut ? `${props.label} (${props.shortcut})` : props.label;
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      aria-label={props.label}
      title={title}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** A choice of few, as a row of radio buttons that looks like one control. */
export function Segments<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange(value: Value): void;
}): JSX.Element {
  const name = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={props.label}>
      {props.options.map((o) => (
        <label class="segment" key={o.value}>
          <input
            type="radio"
            name={name}
            value={o.value}
            checked={o.value === props.value}
            onChange={() => props.onChange(o.value)}
          />
          <span>{o.label}</span>
        </label>
      ))}
    </div>
  );
}

export function Switch(props: { label: string; hint?: string; checked: boolean; onChange(on: boolean): void }): JSX.Element {
  const hint = useId();
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.checked}
        aria-describedby={props.hint ? hint : undefined}
        onChange={(e) => props.onChange(e.currentTarget.checked)}
      />
      <span class="switch-track" aria-hidden="true" />
      <span class="switch-words">
        <span>{props.label}</span>
        {props.hint && (
          <small id={hint} class="hint">
            {props.hint}
          </small>
        )}
      </span>
    </label>
  );
}

/** Sentences about a field that is wrong; the field points here with aria-describedby. */
export function Faults({ id, texts }: { id: string; texts: readonly string[] }): JSX.Element {
  return (
    <div id={id} class="faults">
      {texts.map((t) => (
        <p class="fault" key={t}>
          <Icon name="alert" />
          <span>{t}</span>
        </p>
      ))}
    </div>
  );
}

export function CopyButton({ text, label = 'Copy' }: { text: () => string; label?: string }): JSX.Element {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (): Promise<void> => {
    await copyText(text());
    setDone(true);
    announce('Copied.');
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <Icon name={done ? 'check' : 'copy'} />
      {done ? 'Copied' : label}
    </button>
  );
}

/** The clipboard's own interface exists only on https and loopback addresses. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

export function Progress({ value, label, text }: { value: number | null; label: string; text?: string }): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  const share = value === null ? 0 : Math.max(0, Math.min(1, value));
  // Set through the object model: the page's policy refuses style attributes.
  useEffect(() => bar.current?.style.setProperty('--share', String(share)), [share]);
  return (
    <div
      ref={bar}
      class={value === null ? 'progress progress-open' : 'progress'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(share * 100)}
      aria-valuetext={text}
    >
      <span />
    </div>
  );
}

/** The head of a view; takes the focus when the view is gone to. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <header class="view-head">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </header>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Asks once more in place, without a window: the first press arms the button, the second acts. */
export function ConfirmButton(props: { label: string; sure: string; onConfirm(): void; icon?: IconName }): JSX.Element {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    if (!armed) return undefined;
    const timer = setTimeout(() => setArmed(false), 5000);
    return () => clearTimeout(timer);
  }, [armed]);
  const press = (): void => {
    if (armed) props.onConfirm();
    else announce(`${props.sure} Press again to confirm.`);
    setArmed(!armed);
  };
  return (
    <button type="button" class={armed ? 'button small danger' : 'button small'} onClick={press} onBlur={() => setArmed(false)}>
      {props.icon && <Icon name={props.icon} />}
      {armed ? props.sure : props.label}
    </button>
  );
}
