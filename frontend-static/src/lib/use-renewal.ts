import { useRef, useState } from 'preact/hooks';
import type { Media } from '../api/types';

export type Renew = () => Promise<void>;

/**
 * Handles a medium that failed to load. Each link is renewed once: a medium that is gone for good, or whose link did
 * not change, is not requested repeatedly.
 */
export function useRenewal(renew: Renew | undefined): (media: Pick<Media, 'url'>) => void {
  const asked = useRef(new Set<string>());
  return ({ url }) => {
    if (!renew || !url || asked.current.has(url)) return;
    asked.current.add(url);
    renew().catch(() => asked.current.delete(url));
  };
}

/**
 * Source and handlers of a player. A new link does not interrupt playback from the old one; when the old one fails,
 * playback continues from the new one at the same position.
 */
export function usePlayer(url: string, failed: () => void) {
  const player = useRef<HTMLMediaElement | null>(null);
  const source = useRef(url);
  const resume = useRef<{ at: number; playing: boolean } | null>(null);
  const [, again] = useState(0);
  const found = player.current;
  const inUse = found !== null && !found.error && (found.currentTime > 0 || !found.paused);
  if (!inUse) source.current = url;
  return {
    src: source.current,
    ref: (element: HTMLMediaElement | null) => {
      player.current = element;
    },
    onError: ({ currentTarget: at }: { currentTarget: HTMLMediaElement }) => {
      resume.current ??= { at: at.currentTime, playing: !at.paused };
      if (url === source.current) failed();
      else again((times) => times + 1);
    },
    onLoadedMetadata: ({ currentTarget: at }: { currentTarget: HTMLMediaElement }) => {
      const left = resume.current;
      resume.current = null;
      if (!left) return;
      at.currentTime = left.at;
      if (left.playing) at.play().catch(() => undefined);
    },
  };
}
