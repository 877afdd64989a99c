/** Shapes that all other shapes are made of. Times are RFC 3339 UTC; ids are ULIDs, user ids are Cognito `sub`s. */

export type Visibility = 'public' | 'unlisted' | 'followers' | 'mentioned';
export type MediaKind = 'photo' | 'video' | 'audio';
export type MediaState = 'pending' | 'processing' | 'ready' | 'rejected';

export interface Author {
  id: string;
  handle: string;
  displayName: string;
  avatarUrl: string | null;
}

export interface Media {
  id: string;
  kind: MediaKind;
  state: MediaState;
  contentType: string;
  bytes: number;
  width?: number;
  height?: number;
  durationMs?: number;
  altText: string;
  url: string | null;
  thumbnailUrl: string | null;
  /** The same photo in further sizes and formats. */
  variants?: { url: string; width: number; contentType: string }[];
  /** A `data:` URL of a few pixels. */
  placeholder?: string;
  /** Loudness of sound over time, 0 to 100. */
  peaks?: number[];
  reason?: string;
}

export interface Entities {
  tags: string[];
  mentions: { handle: string; userId: string }[];
  links: string[];
}

export interface FieldError {
  field: string;
  expected: string;
  got?: unknown;
}

/** RFC 9457 problem document. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldError[];
}
