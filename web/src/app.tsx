// app.tsx - the frame around the views: where one can go, what is said in passing.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon, Mark, type IconName } from './parts/icons';
import { IconButton } from './parts/controls';
import { connection } from './state/jobs';
import { dismiss, spoken, toasts } from './state/notices';
import { place } from './state/router';
import { account, key, signOut } from './state/session';
import { nextTheme, theme } from './state/theme';
import { BuildView } from './views/build';
import { CompareView } from './views/compare';
import { CreateView } from './views/create';
import { HistoryView } from './views/history';
import { ManageView } from './views/manage';
import { SignInView } from './views/sign-in';
import { VideoView } from './views/video';

const views: Record<string, { title: string; icon: IconName; View: () => JSX.Element; hidden?: boolean }> = {
  create: { title: 'Create', icon: 'create', View: CreateView },
  history: { title: 'History', icon: 'history', View: HistoryView },
  compare: { title: 'Compare', icon: 'compare', View: CompareView },
  build: { title: 'Build', icon: 'build', View: BuildView },
  manage: { title: 'Manage', icon: 'manage', View: ManageView },
  video: { title: 'Video', icon: 'play', View: VideoView, hidden: true },
};

export function App(): JSX.Element {
  const name = place.value.view in views ? place.value.view : 'create';
  const { title, View } = views[name] as (typeof views)[string];
  const signedIn = key.value !== '';
  const main = useRef<HTMLElement>(null);
  useViewChange(main, signedIn ? `${name}/${place.value.id}` : 'sign-in', signedIn ? title : 'Sign in');
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="#/create">
          <Mark />
          <span>Zoetrope</span>
        </a>
        {signedIn && <Places current={name === 'video' ? 'history' : name} />}
        <div class="bar-end">
          {signedIn && <ConnectionNote />}
          <ThemeButton />
          {signedIn && (
            <IconButton icon="out" label={`Sign out${account.value ? ` ${account.value.prefix}` : ''}`} onClick={() => signOut()} />
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {signedIn ? <View key={name} /> : <SignInView />}
      </main>
      <div class="visually-hidden" role="status" aria-live="polite">
        {spoken.value}
      </div>
      <Toasts />
    </>
  );
}

function Places({ current }: { current: string }): JSX.Element {
  return (
    <nav class="places" aria-label="Views">
      {Object.entries(views)
        .filter(([, v]) => !v.hidden)
        .map(([name, v]) => (
          <a key={name} href={`#/${name}`} aria-current={name === current ? 'page' : undefined}>
            <Icon name={v.icon} />
            <span>{v.title}</span>
          </a>
        ))}
      <a href="./docs">
        <Icon name="docs" />
        <span>Docs</span>
      </a>
    </nav>
  );
}

/** Title and focus follow the view; at the first one the focus stays where the browser put it. */
function useViewChange(main: { current: HTMLElement | null }, view: string, title: string): void {
  const before = useRef(view);
  useEffect(() => {
    document.title = `${title} - Zoetrope`;
    if (before.current === view) return;
    before.current = view;
    scrollTo(0, 0);
    (main.current?.querySelector<HTMLElement>('h1') ?? main.current)?.focus({ preventScroll: true });
  }, [view, title]);
}

function ConnectionNote(): JSX.Element | null {
  if (connection.value !== 'lost') return null;
  return (
    <span class="connection" role="status">
      <span class="connection-dot" aria-hidden="true" />
      <span>Reconnecting</span>
    </span>
  );
}

function ThemeButton(): JSX.Element {
  const icon = { system: 'contrast', light: 'sun', dark: 'moon' } as const;
  return (
    <IconButton
      icon={icon[theme.value]}
      label={`Theme: ${theme.value}. Change to ${nextTheme[theme.value]}`}
      onClick={() => (theme.value = nextTheme[theme.value])}
    />
  );
}

function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((t) => (
        <div class="toast" key={t.id}>
          <span>{t.text}</span>
          {t.action && (
            <button
              type="button"
              class="link-button"
              onClick={() => {
                t.action?.run();
                dismiss(t.id);
              }}
            >
              {t.action.label}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(t.id)} />
        </div>
      ))}
    </div>
  );
}
