// types.ts - what the server answers, as docs/api.md and /openapi.json say it.

export type Status = 'queued' | 'generating' | 'completed' | 'error';

export interface Usage {
  credits_used?: number;
}

export interface Stretch {
  move: string;
  from: number;
  to: number;
  /** Whom of the cast it is done to. */
  target?: number;
}

export interface Actor {
  noun: string;
  picture: string;
  count?: number;
  color?: string;
  /** As older records have it. */
  colour?: string;
  size?: string;
  at?: { where: string; target?: number };
  holds?: string;
  moves: Stretch[];
}

/** What the storyboard read in the prompt. Other engines have none. */
export interface Plan {
  place?: string;
  time?: string;
  weather?: string | string[];
  mood?: string;
  without?: string[];
  cast?: Actor[];
  camera?: Stretch[];
  unread?: string[];
}

/** The neural model that made the frames, and how; its frames are scaled and timed to the video's. */
export interface Network {
  name: string;
  sampler: string;
  steps: number;
  shift?: number;
  guidance?: number;
  width: number;
  height: number;
  frames: number;
  fps: number;
}

export interface Timing {
  stage: string;
  seconds: number;
}

export interface Meta {
  usage?: Usage | null;
  model?: string;
  created_at?: string;
  ended_at?: string;
  prompt_original?: string;
  prompt?: string;
  enhance?: boolean;
  has_image?: boolean;
  progress?: number;
  stage?: string;
  position?: number;
  eta_seconds?: number;
  engine?: string;
  seed?: number;
  width?: number;
  height?: number;
  fps?: number;
  bytes?: number;
  poster_url?: string;
  preview_url?: string;
  plan?: Plan;
  network?: Network;
  timings?: Timing[];
}

export interface Generation {
  id: string;
  generation_id?: string;
  status: Status;
  video?: { url: string; duration?: number | null } | null;
  duration?: number | null;
  error?: { name: string; message: string } | null;
  meta?: Meta | null;
}

export interface Page<Row> {
  data: Row[];
  pagination: { next_cursor: string | null; has_more: boolean };
}

export interface ImageLimits {
  required: boolean;
  types: string[];
  bytes_max: number;
  short_side_over: number;
  ratio_over: number;
  ratio_under: number;
}

export interface ModelLimits {
  prompt_max: number;
  image: ImageLimits;
  credits: number;
}

export interface Model {
  id: string;
  aliases: string[];
  info: { name: string; description?: string };
  limits?: ModelLimits;
}

export interface Estimate {
  model: string;
  credits: number;
  usd: number;
  seconds: number | null;
  queued: number;
}

export interface KeyRow {
  name: string | null;
  prefix: string;
  disabled: boolean;
  created_at: string;
  monthly_usage?: number;
  scopes?: string[] | null;
  limit?: { retention: string; threshold: number } | null;
  admin?: boolean;
  limited?: boolean;
  balance?: number;
  reserved?: number;
  queued?: number;
  running?: number;
  requests_per_minute?: number | null;
  jobs_at_once?: number | null;
  key?: string;
}

export interface Transaction {
  created_at: string;
  direction: 'CHARGE' | 'TOPUP';
  type: string;
  amount: { usd: number; credits: number };
  model: string | null;
  reference_id: string | null;
}

export interface ServerStatus {
  version: string;
  uptime_seconds: number;
  queue: { queued: number; running: number; completed: number; failed: number; oldest_queued_seconds: number | null };
  workers: { name: string; generation_id: string; stage: string; progress: number }[];
  disk: { videos_bytes: number; free_bytes: number };
  models: string[];
}

/** One fault of a request's field, in the form of error.data. */
export interface Issue {
  path: (string | number)[];
  message: string;
  code?: string;
}
