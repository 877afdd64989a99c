/** The whole catalogue in Japanese. */
import { account } from './account';
import { app } from './app';
import { calls } from './calls';
import { chat } from './chat';
import { composer } from './composer';
import { moderation } from './moderation';
import { notifications } from './notifications';
import { people } from './people';
import { posts } from './posts';
import { search } from './search';

export const ja = {
  ...account,
  ...app,
  ...calls,
  ...chat,
  ...composer,
  ...moderation,
  ...notifications,
  ...people,
  ...posts,
  ...search,
};
