// models.ts - which models the server offers, and the limits of each.
import { computed, effect, signal } from '@preact/signals';
import { listModels } from '../api/client';
import type { Model, ModelLimits } from '../api/types';
import { key } from './session';

export const models = signal<Model[]>([]);

/** The limits that the API's documents give, for a server that does not tell its own. */
const documented: ModelLimits = {
  prompt_max: 2000,
  image: {
    required: false,
    types: ['image/jpeg', 'image/png'],
    bytes_max: 20_000_000,
    short_side_over: 300,
    ratio_over: 0.4,
    ratio_under: 2.5,
  },
  credits: 120_000,
};

export function limitsOf(id: string): ModelLimits {
  const model = models.value.find((m) => m.id === id || m.aliases.includes(id));
  return model?.limits ?? documented;
}

export const modelIds = computed(() => models.value.map((m) => m.id));

export function loadModels(): void {
  effect(() => {
    if (!key.value) return;
    void listModels().then(
      (answer) => (models.value = answer.data),
      () => undefined,
    );
  });
}
