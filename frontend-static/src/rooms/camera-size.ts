/**
 * How a page sends its camera, by the number of people: the more there are, the smaller each tile, and the more pictures
 * every machine has to decode. A page of a mesh also encodes its picture once for each of the others.
 */

interface Size {
  people: number;
  /** Of the shorter side, in pixels. */
  height: number;
  maxFramerate: number;
  maxBitrate: number;
}

/** By the largest number of people; the last one is for all larger calls. */
const SIZES: readonly Size[] = [
  { people: 2, height: 540, maxFramerate: 30, maxBitrate: 1_200_000 },
  { people: 3, height: 360, maxFramerate: 24, maxBitrate: 600_000 },
  { people: 4, height: 360, maxFramerate: 20, maxBitrate: 450_000 },
  { people: 6, height: 240, maxFramerate: 15, maxBitrate: 250_000 },
  { people: Number.POSITIVE_INFINITY, height: 180, maxFramerate: 12, maxBitrate: 150_000 },
];

type Encoding = Required<Pick<RTCRtpEncodingParameters, 'maxBitrate' | 'maxFramerate' | 'scaleResolutionDownBy'>>;

/** @param people in the call, this page included */
export function cameraEncoding(people: number, { width = 0, height = 0 }: MediaTrackSettings): Encoding {
  const size = SIZES.find((one) => people <= one.people)!;
  const scaleResolutionDownBy = Math.max(1, Math.min(width, height) / size.height);
  return { maxBitrate: size.maxBitrate, maxFramerate: size.maxFramerate, scaleResolutionDownBy };
}

/** Limits what this sender encodes. A sender without a track sends nothing: its next track is limited in turn. */
export async function limitCamera(sender: RTCRtpSender | undefined, people: number): Promise<void> {
  if (!sender?.track) return;
  const wanted = cameraEncoding(people, sender.track.getSettings());
  const parameters = sender.getParameters();
  const isSame = (one: RTCRtpEncodingParameters) =>
    Object.entries(wanted).every(([name, value]) => one[name as keyof Encoding] === value);
  if (parameters.encodings.every(isSame)) return;
  for (const encoding of parameters.encodings) Object.assign(encoding, wanted);
  // A sender that was just stopped, or has not been negotiated, refuses them: the next change of the room repeats it.
  await sender.setParameters(parameters).catch(() => undefined);
}
