/** The arrows of the diagram. */
import type { Arrow } from './model';

export const ARROWS: readonly Arrow[] = [
  {
    from: 'client',
    to: 'cognito',
    flow: 'both',
    points: [
      [480, 48],
      [180, 48],
      [180, 168],
    ],
  },
  {
    from: 'client',
    to: 'cloudfront',
    flow: 'both',
    points: [
      [560, 76],
      [560, 168],
    ],
  },
  {
    from: 'client',
    to: 'rtc',
    flow: 'rtc',
    points: [
      [640, 48],
      [1035, 48],
      [1035, 130],
    ],
  },
  {
    from: 'cloudfront',
    to: 'api-gateway',
    flow: 'both',
    points: [
      [560, 214],
      [560, 308],
    ],
  },
  {
    from: 'cloudfront',
    to: 'ui-s3',
    flow: 'query',
    points: [
      [490, 184],
      [340, 184],
      [340, 331],
      [200, 331],
    ],
  },
  {
    from: 'cloudfront',
    to: 's3-store',
    flow: 'query',
    points: [
      [490, 200],
      [255, 200],
      [255, 684],
      [200, 684],
    ],
  },
  {
    from: 'api-gateway',
    to: 'command',
    flow: 'command',
    points: [
      [600, 354],
      [600, 440],
    ],
  },
  {
    from: 'api-gateway',
    to: 'query',
    flow: 'query',
    points: [
      [520, 354],
      [520, 388],
      [386, 388],
      [386, 440],
    ],
  },
  {
    from: 'command',
    to: 'dynamodb',
    flow: 'command',
    points: [
      [750, 560],
      [750, 673],
    ],
  },
  {
    from: 'command',
    to: 's3-store',
    flow: 'command',
    points: [
      [540, 560],
      [540, 606],
      [130, 606],
      [130, 673],
    ],
  },
  {
    from: 'command',
    to: 'notification',
    flow: 'command',
    points: [
      [824, 473],
      [930, 473],
    ],
  },
  {
    from: 'command',
    to: 'rtc',
    flow: 'command',
    points: [
      [760, 440],
      [760, 311],
      [890, 311],
    ],
  },
  {
    from: 'query',
    to: 'opensearch',
    flow: 'query',
    points: [
      [400, 560],
      [400, 673],
    ],
  },
  {
    from: 'query',
    to: 'dynamodb',
    flow: 'query',
    points: [
      [446, 560],
      [446, 588],
      [700, 588],
      [700, 673],
    ],
  },
  {
    from: 'dynamodb',
    to: 'stream',
    flow: 'command',
    points: [
      [680, 696],
      [635, 696],
    ],
  },
  {
    from: 'stream',
    to: 'opensearch',
    flow: 'command',
    points: [
      [485, 696],
      [440, 696],
    ],
  },
  {
    from: 'sns',
    to: 'sqs',
    flow: 'command',
    points: [
      [1040, 496],
      [1040, 546],
    ],
  },
  {
    from: 'sqs',
    to: 'consumer',
    flow: 'command',
    points: [
      [1040, 592],
      [1040, 660],
    ],
  },
  {
    from: 'kinesis',
    to: 'rtc-lambda',
    flow: 'rtc',
    points: [
      [1092, 274],
      [1092, 311],
      [1070, 311],
    ],
  },
  {
    from: 'rtc-lambda',
    to: 'websocket',
    flow: 'rtc',
    points: [
      [960, 288],
      [960, 214],
    ],
  },
];
