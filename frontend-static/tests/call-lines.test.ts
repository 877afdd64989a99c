import { describe, expect, it } from 'vitest';
import { Lines, type LinesOptions, type Tracks } from '../src/calls/lines';
import { connectionOf, FakeConnection } from './fake-connection';

const MICROPHONE = { kind: 'audio' } as MediaStreamTrack;
const CAMERA = { kind: 'video' } as MediaStreamTrack;
const SCREEN = { kind: 'video' } as MediaStreamTrack;

function attach(fake: FakeConnection, options: Partial<LinesOptions> & { sent: () => Tracks }): Lines {
  const rest = { offers: true, wantsPictures: () => true, onReceived: () => undefined };
  return new Lines(connectionOf(fake), { ...rest, ...options });
}

const directions = (fake: FakeConnection) => fake.transceivers.map(({ direction }) => direction);
const sends = (fake: FakeConnection) => fake.transceivers.map(({ sender }) => sender.track);

describe('the transceivers of a call', () => {
  it('are four, and those without a track only receive', () => {
    const fake = new FakeConnection();
    attach(fake, { sent: () => ({ microphone: MICROPHONE }) });
    expect(fake.transceivers.map(({ receiver }) => receiver.track.kind)).toEqual(['audio', 'video', 'video', 'audio']);
    expect(directions(fake)).toEqual(['sendrecv', 'recvonly', 'recvonly', 'recvonly']);
  });

  it('stop sending when the camera is turned off and send the new track when it returns', () => {
    const fake = new FakeConnection();
    let sent: Tracks = { microphone: MICROPHONE, camera: CAMERA };
    const lines = attach(fake, { sent: () => sent });
    expect(sends(fake)).toEqual([MICROPHONE, CAMERA, null, null]);
    sent = { microphone: MICROPHONE };
    lines.update();
    expect(sends(fake)).toEqual([MICROPHONE, null, null, null]);
    expect(directions(fake)[1]).toBe('recvonly');
    sent = { microphone: MICROPHONE, camera: SCREEN };
    lines.update();
    expect(sends(fake)[1]).toBe(SCREEN);
    expect(directions(fake)[1]).toBe('sendrecv');
  });

  it('neither send nor receive video in a voice-only call', () => {
    const fake = new FakeConnection();
    let pictures = true;
    const lines = attach(fake, { sent: () => ({ microphone: MICROPHONE }), wantsPictures: () => pictures });
    pictures = false;
    lines.update();
    expect(directions(fake)).toEqual(['sendrecv', 'inactive', 'inactive', 'recvonly']);
  });

  it('report the tracks that the other side negotiated to send', () => {
    const fake = new FakeConnection();
    const received: Tracks[] = [];
    attach(fake, { sent: () => ({ microphone: MICROPHONE }), onReceived: (tracks) => received.push(tracks) });
    fake.negotiate('sendrecv', 'recvonly', 'inactive', 'inactive');
    expect(Object.keys(received.at(-1)!)).toEqual(['microphone', 'camera']);
    fake.negotiate('sendrecv', 'inactive', 'recvonly', 'inactive');
    expect(Object.keys(received.at(-1)!)).toEqual(['microphone', 'screen']);
    fake.signalingState = 'have-local-offer';
    fake.negotiate('inactive');
    expect(received).toHaveLength(2);
  });

  it('are added in the same order when the other side offered fewer', () => {
    const fake = new FakeConnection();
    fake.addTransceiver('audio');
    let sent: Tracks = { microphone: MICROPHONE };
    const lines = attach(fake, { offers: false, sent: () => sent });
    expect(fake.transceivers).toHaveLength(1);
    sent = { microphone: MICROPHONE, screen: SCREEN };
    lines.update();
    expect(sends(fake)).toEqual([MICROPHONE, null, SCREEN]);
    expect(directions(fake)).toEqual(['sendrecv', 'recvonly', 'sendrecv']);
  });
});
