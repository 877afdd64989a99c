/** What a post holds besides its own text. */
import type { Author, Entities, Media, Visibility } from './basic-types';

export type ReplyPolicy = 'everyone' | 'following' | 'mentioned' | 'nobody';

export interface QuotedPost {
  id: string;
  author: Author;
  text: string;
  lang: string;
  createdAt: string;
  visibility: Visibility;
  replyTo: string | null;
  media: Media[];
  entities: Entities;
  contentWarning: string | null;
  sensitive: boolean;
  quoteOf: string | null;
}

/** `unavailable`: deleted, or not for the viewer; `folded`: not looked up in this answer. */
export interface Quote {
  postId: string;
  state: 'shown' | 'unavailable' | 'folded';
  post: QuotedPost | null;
}

/** Why a post stands where it does in a list. */
export interface Repost {
  id: string;
  by: Author;
  at: string;
}

export interface PostViewer {
  liked: boolean;
  reposted: boolean;
  /** The viewer's emoji. */
  reaction: string | null;
  bookmarked: boolean;
  canReply: boolean;
}

export interface PollOption {
  text: string;
  /** Hidden until one has voted or the poll has ended. */
  votes: number | null;
}

export interface Poll {
  options: PollOption[];
  multiple: boolean;
  endsAt: string;
  ended: boolean;
  voters: number;
  /** Places of what the viewer chose. */
  choices: number[];
}
