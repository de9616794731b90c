// format.ts - numbers, sizes and times in words.

const number = new Intl.NumberFormat('en');
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export const count = (n: number): string => number.format(n);

/** Sizes as the API's documents count them: 20 MB is 20,000,000 bytes. */
export function bytes(n: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  while (n >= 1000 && at < units.length - 1) {
    n /= 1000;
    at++;
  }
  return `${at === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[at]}`;
}

export function seconds(s: number): string {
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} days`;
}

export function timeLeft(s: number): string {
  if (s < 1) return 'a moment left';
  return s < 90 ? `about ${Math.round(s)} s left` : `about ${Math.round(s / 60)} min left`;
}

export const usd = (n: number): string => `$${n.toFixed(n !== 0 && Math.abs(n) < 0.995 ? 3 : 2).replace(/(\.\d\d)0$/, '$1')}`;

export const CREDITS_PER_USD = 2_000_000;

export const moment = (iso: string): string => day.format(new Date(iso));

export function ago(iso: string, now = Date.now()): string {
  const s = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (s < 60) return 'just now';
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`;
  return s < 604_800 ? `${Math.floor(s / 86_400)} d ago` : day.format(new Date(iso));
}

/** A moment of a film: 0:02.13 */
export function clock(s: number): string {
  const hundredths = Math.round(s * 100);
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(hundredths / 6000)}:${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}`;
}

/** Characters as the API counts them: Unicode code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++, n++) {
    const unit = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) i++;
  }
  return n;
}
