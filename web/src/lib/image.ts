// image.ts - the rules of a first frame, and what is measured of a picture before it is sent.
import type { ImageLimits } from '../api/types';
import { bytes as size, count } from './format';

export interface Measured {
  type?: string;
  bytes?: number;
  width?: number;
  height?: number;
}

export interface Verdict {
  rule: 'type' | 'size' | 'sides' | 'ratio';
  text: string;
  /** null: only the server can tell. */
  ok: boolean | null;
}

/** The type by its first bytes; what a file is called says nothing. */
export function sniff(head: Uint8Array): string {
  const starts = (...want: number[]): boolean => want.every((b, i) => head[i] === b);
  const word = (at: number, text: string): boolean => [...text].every((c, i) => head[at + i] === c.charCodeAt(0));
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (word(0, 'GIF8')) return 'image/gif';
  if (word(0, 'RIFF') && word(8, 'WEBP')) return 'image/webp';
  if (word(4, 'ftypavif')) return 'image/avif';
  if (word(4, 'ftyphei')) return 'image/heic';
  if (word(0, 'BM')) return 'image/bmp';
  return '';
}

const typeName = (type: string): string => type.replace('image/', '').toUpperCase();

export function judge(m: Measured, limits: ImageLimits): Verdict[] {
  return [judgeType(m, limits), judgeSize(m, limits), judgeSides(m, limits), judgeRatio(m, limits)];
}

function judgeType(m: Measured, limits: ImageLimits): Verdict {
  const want = limits.types.map(typeName).join(' or ');
  if (m.type === undefined) return { rule: 'type', ok: null, text: `Type must be ${want}` };
  const ok = limits.types.includes(m.type);
  const is = m.type ? typeName(m.type) : 'not a picture';
  return { rule: 'type', ok, text: ok ? is : `Type is ${is}, must be ${want}` };
}

function judgeSize(m: Measured, limits: ImageLimits): Verdict {
  const most = size(limits.bytes_max);
  if (m.bytes === undefined) return { rule: 'size', ok: null, text: `At most ${most}` };
  const ok = m.bytes <= limits.bytes_max;
  return { rule: 'size', ok, text: ok ? `${size(m.bytes)} of ${most}` : `Size is ${size(m.bytes)}, must not exceed ${most}` };
}

function judgeSides(m: Measured, limits: ImageLimits): Verdict {
  const over = count(limits.short_side_over);
  if (!m.width || !m.height) return { rule: 'sides', ok: null, text: `Shorter side must exceed ${over} px` };
  const short = Math.min(m.width, m.height);
  const ok = short > limits.short_side_over;
  return { rule: 'sides', ok, text: ok ? `${m.width} × ${m.height} px` : `Shorter side is ${short} px, must exceed ${over} px` };
}

function judgeRatio(m: Measured, limits: ImageLimits): Verdict {
  const bounds = `between ${limits.ratio_over} and ${limits.ratio_under}`;
  if (!m.width || !m.height) return { rule: 'ratio', ok: null, text: `Width to height ${bounds}` };
  const ratio = m.width / m.height;
  const ok = ratio > limits.ratio_over && ratio < limits.ratio_under;
  const shown = ratio.toFixed(2);
  return { rule: 'ratio', ok, text: ok ? `Ratio ${shown}` : `Width to height is ${shown}, must be ${bounds}` };
}

export interface Picture extends Measured {
  name: string;
  /** What is sent: a web address, or the file as a data address. */
  source: string;
  /** What the preview shows; a blob: address for files. */
  shown: string;
}

/** Measures a file as the server will: oriented by its EXIF, typed by its bytes. */
export async function pictureOfFile(file: Blob, name: string): Promise<Picture> {
  const type = sniff(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const picture: Picture = { name, type, bytes: file.size, source: '', shown: '' };
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (bitmap) {
    picture.width = bitmap.width;
    picture.height = bitmap.height;
    bitmap.close();
  }
  picture.shown = URL.createObjectURL(file);
  picture.source = await dataAddress(file, type || 'application/octet-stream');
  return picture;
}

function dataAddress(file: Blob, type: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^;,]*/, `data:${type}`));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Of a web address only its sides can be seen here, and only where that site lets pages show it. */
export function pictureOfUrl(url: string): Promise<Picture> {
  return new Promise((resolve) => {
    const picture: Picture = { name: url, source: url, shown: url };
    const image = new Image();
    image.referrerPolicy = 'no-referrer';
    image.onload = () => resolve({ ...picture, width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => resolve({ ...picture, shown: '' });
    image.src = url;
  });
}

export function releasePicture(picture: Picture | null): void {
  if (picture?.shown.startsWith('blob:')) URL.revokeObjectURL(picture.shown);
}
