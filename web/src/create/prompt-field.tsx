// prompt-field.tsx - the words: counter, examples, camera commands.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { cameraCommands, insertCommand } from '../lib/camera';
import { examples } from '../lib/examples';
import { count } from '../lib/format';
import { Faults } from '../parts/controls';
import { Icon } from '../parts/icons';
import { faults, issuesOf, limits, prompt, promptLength } from '../state/draft';
import { announce } from '../state/notices';

export function PromptField({ tried }: { tried: boolean }): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const most = limits.value.prompt_max;
  const over = promptLength.value > most;
  const texts = issuesOf('prompt');
  const shown = texts.length ? texts : faults.value.prompt && (tried || over) ? [faults.value.prompt] : [];

  const fill = (text: string): void => {
    prompt.value = text;
    area.current?.focus();
  };
  return (
    <div class="field">
      <label class="label" for="prompt">
        What should be seen?
      </label>
      <div class={over || shown.length ? 'prompt wrong' : 'prompt'}>
        <textarea
          id="prompt"
          ref={area}
          dir="auto"
          rows={6}
          spellcheck
          value={prompt.value}
          placeholder="A scene, who is in it, what happens, and how the camera moves"
          aria-invalid={shown.length > 0}
          aria-describedby="prompt-count prompt-faults"
          aria-keyshortcuts="Control+Enter"
          onInput={(e) => (prompt.value = e.currentTarget.value)}
        />
        <div class="prompt-foot">
          <Camera area={area} />
          <span id="prompt-count" class={over ? 'count over' : 'count'}>
            {count(promptLength.value)} / {count(most)}
            <span class="visually-hidden"> characters</span>
          </span>
        </div>
      </div>
      <Faults id="prompt-faults" texts={shown} />
      <div class="chips" role="group" aria-label="Example prompts">
        <span class="chips-title">Try</span>
        {examples.map((e) => (
          <button type="button" class="chip" key={e.title} title={e.prompt} onClick={() => fill(e.prompt)}>
            {e.title}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Inserts through the browser's own editing, so that undo takes it back. */
function replaceIn(area: HTMLTextAreaElement, from: number, to: number, text: string): void {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, from, to, 'end');
    prompt.value = area.value;
  }
}

function Camera({ area }: { area: { current: HTMLTextAreaElement | null } }): JSX.Element {
  const [open, setOpen] = useState(false);
  const insert = (command: string, together: boolean): void => {
    const at = area.current;
    if (!at) return;
    const put = insertCommand(at.value, at.selectionStart, at.selectionEnd, command, together);
    replaceIn(at, put.from, put.to, put.text);
    announce(`Inserted ${command}.`);
  };
  return (
    <div class="camera">
      <button type="button" class="link-button" aria-expanded={open} aria-controls="camera-commands" onClick={() => setOpen(!open)}>
        <Icon name="camera" />
        Camera
      </button>
      <div id="camera-commands" class="camera-commands" hidden={!open}>
        {cameraCommands.map((row) => (
          <div class="chips" key={row[0]}>
            {row.map((command) => (
              <button
                type="button"
                class="chip"
                key={command}
                title="Shift-click: together with the bracket before the caret"
                onClick={(e) => insert(command, e.shiftKey)}
              >
                {command}
              </button>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
