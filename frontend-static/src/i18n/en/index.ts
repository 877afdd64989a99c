/** The complete English catalogue, which defines the keys. */
import { account } from './account';
import { app } from './app';
import { calls } from './calls';
import { chat } from './chat';
import { composer } from './composer';
import { live } from './live';
import { moderation } from './moderation';
import { notifications } from './notifications';
import { people } from './people';
import { posts } from './posts';
import { rooms } from './rooms';
import { search } from './search';

export const en = {
  ...account,
  ...app,
  ...calls,
  ...chat,
  ...composer,
  ...live,
  ...moderation,
  ...notifications,
  ...people,
  ...posts,
  ...rooms,
  ...search,
};
