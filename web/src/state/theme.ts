// theme.ts - light, dark, or what the system says; kept from visit to visit.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const NAME = 'zoetrope.theme';

const stored = localStorage.getItem(NAME);
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

effect(() => {
  const chosen = theme.value;
  if (chosen === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem(NAME);
  } else {
    document.documentElement.dataset['theme'] = chosen;
    localStorage.setItem(NAME, chosen);
  }
});

export const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
