/** The boxes of the diagram in reading order, with their positions. Their descriptions are in `texts.ts`. */
import { type Box, GROUPS } from './model';

const box = (id: string, name: string, x: number, y: number, w: number, h: number): Box => ({ id, name, x, y, w, h });

export const BOXES: readonly Box[] = [
  box('client', 'Client', 480, 20, 160, 56),
  box('ui-s3', 'S3 (UI)', 60, 308, 140, 46),
  box('cloudfront', 'CloudFront', 490, 168, 140, 46),
  box('cognito', 'Cognito', 60, 168, 140, 46),
  box('api-gateway', 'API Gateway', 490, 308, 140, 46),
  box('query', 'Query Lambda', 314, 500, 145, 40),
  box('post', 'Post Lambda', 508, 468, 145, 36),
  box('chat', 'Chat Lambda', 665, 468, 145, 36),
  box('call', 'Call Lambda', 508, 512, 145, 36),
  box('profile', 'Profile Lambda', 665, 512, 145, 36),
  box('more', 'Other Lambdas', 508, 556, 145, 36),
  box('dynamodb', 'DynamoDB', 680, 713, 140, 46),
  box('stream', 'DynamoDB Stream', 475, 713, 170, 46),
  box('opensearch', 'OpenSearch', 300, 713, 140, 46),
  box('projectors', 'Projector Lambdas', 475, 795, 170, 46),
  box('s3-store', 'S3 (media)', 60, 713, 140, 46),
  box('media-lambda', 'Media Lambda', 60, 795, 140, 46),
  box('sns', 'Amazon SNS', 960, 450, 160, 46),
  box('sqs', 'Amazon SQS', 960, 546, 160, 46),
  box('consumer', 'Consumer Lambda', 960, 660, 160, 46),
  box('clock', 'Timed Lambdas', 960, 726, 160, 40),
  box('websocket', 'WebSocket API', 910, 168, 160, 46),
  box('kinesis', 'Kinesis', 1025, 228, 135, 46),
  box('rtc-lambda', 'Lambda', 910, 288, 160, 46),
  box('cloudwatch', 'CloudWatch', 190, 900, 150, 44),
  box('x-ray', 'X-Ray', 365, 900, 150, 44),
];

/** Name of a box or group, for the text version of an arrow. */
export function nameOf(id: string): string {
  return [...BOXES, ...GROUPS].find((item) => item.id === id)?.name ?? id;
}
