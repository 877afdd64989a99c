/** Loudness over time; decorative, because the player beside it has the controls. */
export function Waveform({ peaks }: { peaks: number[] }) {
  return (
    <svg class="waveform" viewBox={`0 0 ${peaks.length * 4} 40`} preserveAspectRatio="none" aria-hidden="true">
      {peaks.map((peak, index) => {
        const height = Math.max(2, peak * 0.4);
        return <rect key={index} x={index * 4} y={20 - height / 2} width={2.4} height={height} rx={1.2} />;
      })}
    </svg>
  );
}
