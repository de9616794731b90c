// main.tsx - where the page begins: the key leaves the address before anything else happens.
import './styles/index.css';
import { render } from 'preact';
import { App } from './app';
import { keepDraft } from './state/draft';
import { followJobs } from './state/jobs';
import { loadModels } from './state/models';
import { readAddress } from './state/router';
import { refreshAccount, takeKeyFromAddress } from './state/session';

takeKeyFromAddress();
readAddress();
// A second address with a key, opened in the same tab, changes only the fragment.
addEventListener('hashchange', () => {
  if (!/[#&]key=/.test(location.hash)) return;
  takeKeyFromAddress();
  readAddress();
  void refreshAccount();
});
keepDraft();
followJobs();
loadModels();
void refreshAccount();

const host = document.getElementById('app');
if (host) render(<App />, host);
