/** Playback of a live stream in a video element: with sound if the browser permits it, and whether frames arrive. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface Player {
  muted: boolean;
  /** The browser requires a click before it plays sound. */
  isSilenced: boolean;
  hasPicture: boolean;
  setMuted: (muted: boolean) => void;
}

export function usePlayer(
  ref: RefObject<HTMLVideoElement | null>,
  tracks: MediaStreamTrack[],
  startsMuted: boolean,
): Player {
  const [muted, setMuted] = useState(startsMuted);
  const [isSilenced, setSilenced] = useState(false);
  const hasPicture = usePictures(ref, tracks);
  useEffect(() => {
    const video = ref.current!;
    video.srcObject = tracks.length ? new MediaStream(tracks) : null;
    if (!tracks.length) return;
    void play(video).then((isAllowed) => {
      if (isAllowed) return;
      setSilenced(true);
      setMuted(true);
    });
  }, [tracks]);
  useEffect(() => {
    ref.current!.muted = muted;
  }, [muted]);
  return {
    muted,
    isSilenced,
    hasPicture,
    setMuted: (next) => {
      setSilenced(false);
      setMuted(next);
      ref.current!.muted = next;
      void ref.current!.play().catch(() => undefined);
    },
  };
}

/** Browsers permit sound only after a click or key press; muted playback starts at once (HTML, "play()"). */
async function play(video: HTMLVideoElement): Promise<boolean> {
  try {
    await video.play();
    return true;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NotAllowedError')) return true;
    video.muted = true;
    await video.play().catch(() => undefined);
    return false;
  }
}

const LOOK_MS = 1000;
/** After this time without a frame, the host's camera is off, or no media arrive. */
const STALE_MS = 2500;

/** Tracks do not report that frames have stopped, so rendered frames are counted. */
function usePictures(ref: RefObject<HTMLVideoElement | null>, tracks: MediaStreamTrack[]): boolean {
  const [hasPicture, setPicture] = useState(false);
  useEffect(() => {
    const video = ref.current!;
    let latest = 0;
    let handle = video.requestVideoFrameCallback?.(function note() {
      latest = performance.now();
      setPicture(true);
      handle = video.requestVideoFrameCallback(note);
    });
    const timer = setInterval(() => {
      // A hidden page renders no frames.
      if (document.visibilityState === 'visible' && performance.now() - latest > STALE_MS) setPicture(false);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      if (handle) video.cancelVideoFrameCallback(handle);
      setPicture(false);
    };
  }, [tracks]);
  return hasPicture;
}
