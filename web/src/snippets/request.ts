// request.ts - what every language is told: where to send what, and how a text is quoted there.

export interface Request {
  /** Without a slash at its end. */
  origin: string;
  path: string;
  body: Record<string, unknown>;
  /** The key itself, or '' for the environment variable. */
  key: string;
}

export const VARIABLE = 'ZOETROPE_KEY';

/** JSON that is ASCII only, so that no shell and no compiler can read it in another encoding. */
export function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** In single quotes for a POSIX shell. */
export const shell = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

/** As a string of C; a trigraph or a line end cannot come out of it. */
export function cString(text: string): string {
  const inside = text.replace(/[\\"]/g, '\\$&').replace(/\?\?/g, '?\\?').replace(/\n/g, '\\n');
  return `"${inside}"`;
}

/** Python's literals for what JSON holds. */
export function python(value: unknown, indent = ''): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}    `;
  const rows = Object.entries(value as object).map(([k, v]) => `${inner}${JSON.stringify(k)}: ${python(v, inner)},`);
  return `{\n${rows.join('\n')}\n${indent}}`;
}

/** A picture's data address is too long to read: where a request is only shown, most of it is left out. */
export function elided(body: Record<string, unknown>): Record<string, unknown> {
  const short = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/^(data:image\/\w+;base64,[\w+/]{24})[\w+/=]{64,}$/, (all, head: string) => `${head}...(${all.length} characters)`)
      : value;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, short(value)]));
}
