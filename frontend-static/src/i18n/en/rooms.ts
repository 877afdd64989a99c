/** Group calls, in English. */
import { count } from './numbers';

export const rooms = {
  'room.title': (name: string) => `Group call: ${name}`,
  'room.group': 'Group call',
  'room.call': 'Group voice call',
  'room.videoCall': 'Group video call',
  'room.memberCount': (n: number) => count(n, 'person in the call', 'people in the call'),
  'room.leave': 'Leave the call',
  'room.join': 'Join',
  'room.dismiss': 'Not now',
  'room.runs': (n: number) => `Group call in progress: ${count(n, 'person', 'people')}`,
  'room.rings.audio': 'Incoming group call',
  'room.rings.video': 'Incoming group video call',
  'room.begun': (name: string) => `${name} started a group call`,
  'room.full': 'The call is full. Try again when somebody has left.',
  'room.leaveFirst': 'You are in another call. End it first.',
  'room.elsewhere': 'You are in this call in another window or on another device.',
  'room.moveHere': 'Continue here',
  'room.movedElsewhere': 'The call continues in another window or on another device.',
  'room.removed': 'You are no longer in this group, so you left its call.',
  'room.lost': 'The connection to the call was lost.',
  'room.muted': (name: string) => `${name} is muted`,
  'room.connecting': 'Connecting …',
  'room.ownScreen': 'Your screen',
};
