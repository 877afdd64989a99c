/** How the running call is shown: as a window over the page, or as a bar below it. */
import { effect, signal } from '@preact/signals';
import { route } from '../router';
import { activeCall } from './active-call';

export const isMinimised = signal(false);

/** This page's group call, set by `room.ts`. */
export const shownRoom = signal<string | null>(null);

/** Each call opens its window; navigation to another page turns it into a bar. */
let shown: string | null = null;
let path: string | null = null;

effect(() => {
  const call = activeCall.value;
  const page = route.value.path;
  const id = call && call.phase !== 'incoming' ? call.call.id : shownRoom.value;
  if (id !== shown) isMinimised.value = false;
  else if (id && page !== path) isMinimised.value = true;
  shown = id;
  path = page;
});
