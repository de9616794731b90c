// options.tsx - model, enhancement, seed.
import type { JSX } from 'preact';
import { Faults, IconButton, Segments, Switch } from '../parts/controls';
import { enhance, faults, issuesOf, model, seed } from '../state/draft';
import { models } from '../state/models';

/** More than so many models no longer fit beside each other. */
const SEGMENTS_AT_MOST = 2;

export function Options(): JSX.Element {
  const known = models.value;
  const about = known.find((m) => m.id === model.value)?.info.description;
  return (
    <div class="options">
      <div class="field">
        <span class="label">Model</span>
        {known.length > SEGMENTS_AT_MOST ? (
          <select class="input" aria-label="Model" value={model.value} onChange={(e) => (model.value = e.currentTarget.value)}>
            {known.map((m) => (
              <option key={m.id}>{m.id}</option>
            ))}
          </select>
        ) : (
          <Segments
            label="Model"
            value={model.value}
            options={(known.length ? known.map((m) => m.id) : [model.value]).map((id) => ({ value: id, label: id }))}
            onChange={(id) => (model.value = id)}
          />
        )}
        {about && <p class="hint">{about}</p>}
        <Faults id="model-faults" texts={issuesOf('model')} />
      </div>
      <div class="options-row">
        <div class="field">
          <Switch
            label="Enhance the prompt"
            hint="Fills in what the words leave open"
            checked={enhance.value}
            onChange={(on) => (enhance.value = on)}
          />
          <Faults id="enhance-faults" texts={issuesOf('enhance')} />
        </div>
        <Seed />
      </div>
    </div>
  );
}

function Seed(): JSX.Element {
  const texts = issuesOf('seed');
  const shown = texts.length ? texts : faults.value.seed ? [faults.value.seed] : [];
  const draw = (): void => {
    seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  };
  return (
    <div class="field">
      <label class="label" for="seed">
        Seed
      </label>
      <div class="with-button">
        <input
          id="seed"
          class="input mono"
          inputMode="numeric"
          autocomplete="off"
          placeholder="random"
          value={seed.value}
          aria-invalid={shown.length > 0}
          aria-describedby="seed-faults"
          onInput={(e) => (seed.value = e.currentTarget.value)}
        />
        <IconButton icon="dice" label="Draw a seed" onClick={draw} />
      </div>
      <Faults id="seed-faults" texts={shown} />
    </div>
  );
}
