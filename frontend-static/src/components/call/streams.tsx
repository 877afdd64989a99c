import { useEffect, useRef } from 'preact/hooks';
import { deviceChoice } from '../../state/call-devices';
import { otherMedia } from '../../state/call-media';

interface PictureProps {
  track: MediaStreamTrack;
  className: string;
  label?: string;
}

/** A video without audio, which `Sounds` plays. */
export function Picture({ track, className, label }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    ref.current!.srcObject = new MediaStream([track]);
  }, [track]);
  return <video ref={ref} class={className} autoPlay playsInline muted aria-label={label} />;
}

/** Plays the other side's audio on the chosen speaker. */
export function Sounds() {
  const { microphone, screenSound } = otherMedia.value;
  return (
    <>
      {microphone && <Sound track={microphone} />}
      {screenSound && <Sound track={screenSound} />}
    </>
  );
}

export function Sound({ track }: { track: MediaStreamTrack }) {
  const ref = useRef<HTMLAudioElement>(null);
  const { speaker } = deviceChoice.value;
  useEffect(() => {
    ref.current!.srcObject = new MediaStream([track]);
  }, [track]);
  useEffect(() => {
    // The speaker is gone: the system's default plays.
    void ref.current!.setSinkId?.(speaker).catch(() => ref.current?.setSinkId?.(''));
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: live speech has no captions
  return <audio ref={ref} autoPlay />;
}
