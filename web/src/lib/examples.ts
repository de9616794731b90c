// examples.ts - prompts to begin with: two of the API's own documents, and what the storyboard does well.

export interface Example {
  title: string;
  prompt: string;
}

export const examples: readonly Example[] = [
  {
    title: 'Dragon',
    prompt:
      'A menacing evil dragon appears in a distance above the tallest mountain, then rushes toward the camera with its jaws open, revealing massive fangs. We see it\'s coming.',
  },
  { title: 'Cheetah', prompt: 'Cheetah turns toward the camera.' },
  { title: 'Fox at dusk', prompt: 'A red fox runs through a snowy forest at dusk. [Tracking shot]' },
  { title: 'Whale', prompt: 'A blue whale rises slowly under water, calm and dreamy. [Pedestal up]' },
  { title: 'Rocket', prompt: 'A rocket rises on the moon at night. [Tilt up]' },
];
