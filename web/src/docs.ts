// docs.ts - the reference: the program's own OpenAPI document in Swagger UI, every operation callable.
//
// A page of its own, so that nobody who only makes videos loads it. Nothing in it asks another host:
// the validator's badge is off, and the policy of the page would stop the rest.
import 'swagger-ui-dist/swagger-ui.css';
import './styles/docs.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { effect } from '@preact/signals';
import { keepMended } from './docs-mend';
import { theme } from './state/theme';
import { address } from './api/http';

interface System {
  preauthorizeApiKey(scheme: string, key: string): unknown;
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Swagger UI has a dark dress of its own, which this class puts on. */
function dress(): void {
  const wanted = theme.value === 'dark' || (theme.value === 'system' && dark.matches);
  document.documentElement.classList.toggle('dark-mode', wanted);
}
effect(dress);
dark.addEventListener('change', dress);

const key = sessionStorage.getItem('zoetrope.key');

async function show(): Promise<void> {
  const host = document.getElementById('reference');
  if (!host) return;
  keepMended(host);
  const document_ = await (await fetch(address('openapi.json'))).json();
  // Calls go to where the page came from, by whichever name that was reached.
  document_.servers = [{ url: address('').replace(/\/$/, '') }];
  const schemes = Object.keys(document_.components?.securitySchemes ?? {});
  const ui: System = SwaggerUI({
    domNode: host,
    spec: document_,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
    onComplete: () => {
      if (key) for (const scheme of schemes) ui.preauthorizeApiKey(scheme, key);
    },
  });
}

show().catch(() => {
  const text = document.createElement('p');
  text.className = 'docs-trouble';
  text.textContent = 'The server does not answer. Reload the page to try again.';
  document.getElementById('reference')?.append(text);
});
