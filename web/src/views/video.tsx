// video.tsx - one video in full width, at an address of its own.
import type { JSX } from 'preact';
import { Heading } from '../parts/controls';
import { place } from '../state/router';
import { VideoPanel } from '../video/panel';

export function VideoView(): JSX.Element {
  const id = place.value.id;
  return (
    <div class="page page-video">
      <Heading title="Video">
        <a href="#/history">All videos</a>
      </Heading>
      <VideoPanel key={id} id={id} />
    </div>
  );
}
