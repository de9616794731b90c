// docs-mend.ts - what the reference's package leaves undone for screen readers and the keyboard.
//
// Its elements come and go as operations are opened, so each change of the page is followed by a look
// at what came. Only attributes are set that the package does not set itself.

type Mend = readonly [selector: string, mend: (element: Element) => void];

const set =
  (name: string, value: string) =>
  (element: Element): void => {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

function region(label: string): (element: Element) => void {
  return (element) => {
    set('role', 'region')(element);
    set('aria-label', label)(element);
  };
}

const mends: readonly Mend[] = [
  // The operation's address within its button: the button opens the operation, and does so alone.
  ['.opblock-summary-control a[href]', (e) => e.removeAttribute('href')],
  // Below the title come headings of the third level, and of the sixth below the fourth.
  ...[3, 4, 5, 6].map((n): Mend => [`.swagger-ui h${n}`, set('aria-level', String(Math.min(n - 1, 4)))]),
  ['.swagger-ui .information-container', region('About')],
  ['.swagger-ui .scheme-container', region('Authorization')],
  ['.swagger-ui .filter', region('Filter')],
  ['.swagger-ui [role="region"][id$="_responses"]', (e) => set('aria-label', `Answers of ${e.id}`)(e)],
  ['.swagger-ui textarea:not([aria-label])', set('aria-label', 'Request body')],
  ['.swagger-ui .operation-filter-input', set('aria-label', 'Filter by group')],
  ['.swagger-ui :is(.microlight, .highlight-code > pre, .curl)', set('tabindex', '0')],
  ['.swagger-ui .close-modal', set('aria-label', 'Close')],
  // What is read aloud shall be what stands there.
  ['.swagger-ui .auth-btn-wrapper button[aria-label]', (e) => e.removeAttribute('aria-label')],
];

function mendAll(root: Element): void {
  for (const [selector, mend] of mends) root.querySelectorAll(selector).forEach(mend);
}

export function keepMended(root: Element): void {
  let asked = 0;
  const look = (): void => {
    asked = 0;
    mendAll(root);
  };
  new MutationObserver(() => (asked ||= requestAnimationFrame(look))).observe(root, { childList: true, subtree: true });
}
