/** The paths of the diagram's arrows, in the order of the seed. Arrows that are not proven are not drawn. */
import type { Line } from './model';

/** Corners as `x,y x,y`. */
const line = (from: string, to: string, corners: string): Line => ({
  from,
  to,
  points: corners.split(' ').map((corner) => corner.split(',').map(Number) as unknown as readonly [number, number]),
});

export const LINES: readonly Line[] = [
  line('client', 'cognito', '480,48 180,48 180,168'),
  line('client', 'cloudfront', '560,76 560,168'),
  line('client', 'rtc', '640,48 1035,48 1035,130'),
  line('client', 's3-store', '480,62 14,62 14,748 60,748'),
  line('cloudfront', 'api-gateway', '560,214 560,308'),
  line('cloudfront', 'ui-s3', '490,184 340,184 340,331 200,331'),
  line('cloudfront', 's3-store', '490,200 255,200 255,724 200,724'),
  line('api-gateway', 'command', '600,354 600,440'),
  line('api-gateway', 'query', '520,354 520,388 386,388 386,440'),
  line('api-gateway', 'rtc-lambda', '630,331 910,331'),
  line('command', 'dynamodb', '750,600 750,713'),
  line('command', 's3-store', '540,600 540,646 130,646 130,713'),
  line('command', 'notification', '824,473 930,473'),
  line('command', 'rtc', '760,440 760,175 890,175'),
  line('websocket', 'command', '910,203 800,203 800,440'),
  line('query', 'dynamodb', '446,600 446,628 700,628 700,713'),
  line('query', 'opensearch', '400,600 400,713'),
  line('dynamodb', 'stream', '680,736 645,736'),
  line('stream', 'projectors', '560,759 560,795'),
  line('projectors', 'opensearch', '475,818 370,818 370,759'),
  line('projectors', 'dynamodb', '645,808 720,808 720,759'),
  line('projectors', 'notification', '645,820 880,820 880,500 930,500'),
  line('projectors', 'kinesis', '645,832 858,832 858,251 1025,251'),
  line('s3-store', 'media-lambda', '130,759 130,795'),
  line('media-lambda', 'dynamodb', '200,826 255,826 255,850 770,850 770,759'),
  line('sns', 'sqs', '1040,496 1040,546'),
  line('sqs', 'consumer', '1040,592 1040,660'),
  line('consumer', 'kinesis', '1120,683 1168,683 1168,251 1160,251'),
  line('consumer', 'dynamodb', '960,683 905,683 905,736 820,736'),
  line('clock', 'sqs', '1120,746 1137,746 1137,569 1120,569'),
  line('kinesis', 'rtc-lambda', '1092,274 1092,311 1070,311'),
  line('rtc-lambda', 'websocket', '960,288 960,214'),
];
