import { useState } from 'preact/hooks';
import type { Author } from '../api/types';
import { upToDate } from '../auth/session';

const TONES = 8;

function hash(text: string): number {
  let value = 7;
  for (const char of text) value = (value * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return value;
}

interface Props {
  of: Pick<Author, 'id' | 'displayName' | 'avatarUrl'>;
  size?: number;
  /** Shows a picture that is not saved yet, instead of the viewer's current one. */
  asGiven?: boolean;
}

/** The person's picture, or a shape and initial derived from their id. Decorative, because the name is beside it. */
export function Avatar({ of: given, size = 44, asGiven = false }: Props) {
  const of = asGiven ? given : upToDate(given);
  const [broken, setBroken] = useState<string | null>(null);
  if (of.avatarUrl && of.avatarUrl !== broken) {
    return (
      <img
        class="avatar"
        src={of.avatarUrl}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        decoding="async"
        onError={() => setBroken(of.avatarUrl)}
      />
    );
  }
  const seed = hash(of.id);
  const initial = [...of.displayName.trim()][0]?.toUpperCase() ?? '·';
  return (
    <svg class="avatar" data-tone={seed % TONES} width={size} height={size} viewBox="0 0 40 40" aria-hidden="true">
      <rect width="40" height="40" class="avatar-field" />
      <circle cx={8 + (seed % 24)} cy={34 - ((seed >> 5) % 8)} r={13 + ((seed >> 9) % 6)} class="avatar-shape" />
      <text x="20" y="26.500" text-anchor="middle" class="avatar-initial">
        {initial}
      </text>
    </svg>
  );
}
