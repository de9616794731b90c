// facts.tsx - what a video was made of: the prompt as it was used, what was read in it, cost, timings.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Generation, Network, Plan, Timing } from '../api/types';
import { bytes, count, CREDITS_PER_USD, moment, seconds, usd } from '../lib/format';
import { doingOf, sceneOf, stretches, subjectOf } from '../lib/plan';
import { CopyButton } from '../parts/controls';
import { stageName } from '../state/jobs';

/** The words that were sent and, where they differ, the words that the engine got. */
export function Prompt({ job }: { job: Generation }): JSX.Element | null {
  const sent = job.meta?.prompt_original;
  const used = job.meta?.prompt;
  if (!sent && !used) return null;
  return (
    <section class="words" aria-label="Prompt">
      <p class="words-sent" dir="auto">
        {sent || used}
      </p>
      {sent && used && sent !== used && (
        <details>
          <summary>As the engine got it</summary>
          <p class="words-used" dir="auto">
            {used}
          </p>
        </details>
      )}
    </section>
  );
}

export function Facts({ job }: { job: Generation }): JSX.Element {
  const m = job.meta ?? {};
  const credits = m.usage?.credits_used;
  return (
    <div class="facts">
      {m.plan && <WhatWasRead plan={m.plan} />}
      {m.network && <HowItWasMade network={m.network} />}
      <section aria-label="Facts">
        <h2>Facts</h2>
        <dl class="table">
          <Row name="Model">{m.model}</Row>
          <Row name="Engine">{m.engine}</Row>
          <Row name="Seed">
            {m.seed !== undefined && (
              <>
                <span class="mono">{m.seed}</span> <CopyButton text={() => String(m.seed)} />
              </>
            )}
          </Row>
          <Row name="Size">{m.width && m.height && `${m.width} × ${m.height}${m.bytes ? `, ${bytes(m.bytes)}` : ''}`}</Row>
          <Row name="Length">{job.duration && `${seconds(job.duration)}${m.fps ? `, ${m.fps} frames a second` : ''}`}</Row>
          <Row name="Enhanced">{m.enhance === undefined ? null : m.enhance ? 'yes' : 'no'}</Row>
          <Row name="First frame">{m.has_image ? 'given' : null}</Row>
          <Row name="Cost">{credits !== undefined && `${usd(credits / CREDITS_PER_USD)} (${count(credits)} credits)`}</Row>
          <Row name="Made">{m.created_at && <time dateTime={m.created_at}>{moment(m.created_at)}</time>}</Row>
          <Row name="Id">
            <span class="mono breakable">{job.id}</span>
          </Row>
        </dl>
      </section>
      {m.timings && m.timings.length > 0 && <Timings timings={m.timings} />}
    </div>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }): JSX.Element | null {
  if (children === null || children === undefined || children === false || children === '' || children === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function WhatWasRead({ plan }: { plan: Plan }): JSX.Element {
  const cast = plan.cast ?? [];
  return (
    <section aria-label="What was read">
      <h2>What was read</h2>
      <dl class="table">
        {sceneOf(plan).map(([name, word]) => (
          <Row name={name} key={name}>
            {word}
          </Row>
        ))}
        {cast.map((a, i) => (
          <Row name="Subject" key={i}>
            <span dir="auto">{subjectOf(a)}</span>
            {doingOf(a, cast) && <span class="quiet"> {doingOf(a, cast)}</span>}
          </Row>
        ))}
        <Row name="Camera">{plan.camera && stretches(plan.camera)}</Row>
        <Row name="Not read">
          {plan.unread && plan.unread.length > 0 && (
            <ul class="unread" aria-label="Words that changed nothing">
              {plan.unread.map((w) => (
                <li key={w} dir="auto">
                  {w}
                </li>
              ))}
            </ul>
          )}
        </Row>
      </dl>
    </section>
  );
}

function HowItWasMade({ network: n }: { network: Network }): JSX.Element {
  return (
    <section aria-label="How it was made">
      <h2>How it was made</h2>
      <dl class="table">
        <Row name="Network">{n.name}</Row>
        <Row name="Sampler">{`${n.sampler}, ${n.steps} steps`}</Row>
        <Row name="Shift">{n.shift}</Row>
        <Row name="Guidance">{n.guidance === 1 ? 'none' : n.guidance}</Row>
        <Row name="Its frames">{`${n.frames} of ${n.width} × ${n.height}, ${n.fps} a second`}</Row>
      </dl>
    </section>
  );
}

function Timings({ timings }: { timings: Timing[] }): JSX.Element {
  const all = timings.reduce((sum, t) => sum + t.seconds, 0);
  return (
    <section aria-label="Timings">
      <h2>Timings</h2>
      <dl class="table timings">
        {timings.map((t) => (
          <div key={t.stage}>
            <dt>{stageName(t.stage)}</dt>
            <dd>
              <Share of={all > 0 ? t.seconds / all : 0} />
              <span class="mono">{t.seconds.toFixed(2)} s</span>
            </dd>
          </div>
        ))}
        <div class="sum">
          <dt>Together</dt>
          <dd>
            <span class="mono">{all.toFixed(2)} s</span>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Share({ of }: { of: number }): JSX.Element {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => bar.current?.style.setProperty('--share', String(of)), [of]);
  return <span class="share" ref={bar} aria-hidden="true" />;
}
