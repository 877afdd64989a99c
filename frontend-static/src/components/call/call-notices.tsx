import { useEffect, useState } from 'preact/hooks';

/** Problems of a call. Screen readers announce only changes of a region, so the first notices come after an empty one. */
export function CallNotices({ words }: { words: readonly string[] }) {
  const [shown, setShown] = useState<readonly string[]>([]);
  useEffect(() => setShown(words), [words.join('\n')]);
  return (
    <div class="call-notices" role="status">
      {shown.map((one) => (
        <p key={one}>{one}</p>
      ))}
    </div>
  );
}
