import { describe, expect, it } from 'vitest';
import { BOXES } from '../src/architecture/boxes';
import { goesAlong, inside } from '../src/architecture/diagram';
import { drawn, further } from '../src/architecture/drawn';
import { LINES } from '../src/architecture/lines';
import { along, boxOf, trafficOf } from '../src/architecture/live';
import { GROUPS, MEMBERS } from '../src/architecture/model';
import type { Picture } from '../src/architecture/picture';
import { steps } from '../src/architecture/replay';
import { DOES } from '../src/architecture/texts';
import { WHY } from '../src/architecture/why';
import type { Entity, XRayService } from '../src/ops/xray';
import deployed from './vectors/architecture.json';

const picture = deployed as unknown as Picture;
const name = (line: { from: string | null; to: string }) => `${line.from} → ${line.to}`;

describe('the diagram', () => {
  it('draws every planned line, because an arrow proves each', () => {
    expect(drawn(picture).map(name)).toEqual(LINES.map(name));
  });

  it('draws no arrow that is missing from the stacks', () => {
    for (const gone of picture.arrows) {
      const without = { ...picture, arrows: picture.arrows.filter((arrow) => arrow !== gone) };
      const shown = [...drawn(without), ...BOXES.flatMap((box) => further(without, drawn(without), box.id))];
      expect(shown.flatMap((line) => line.arrows)).not.toContain(gone);
    }
    expect(drawn({ ...picture, arrows: [] })).toEqual([]);
  });

  it('shows every proven arrow as a line, or when one of its boxes is selected', () => {
    const lines = drawn(picture);
    for (const arrow of picture.arrows) {
      const shown = [...lines, ...further(picture, lines, arrow.from)].flatMap((line) => line.arrows);
      expect(shown, name(arrow)).toContain(arrow);
    }
  });

  it('gives the main lines their command, query and real-time styles', () => {
    const flows = Object.fromEntries(drawn(picture).map((line) => [name(line), line.flow]));
    expect(flows).toMatchObject({
      'client → cognito': 'both',
      'client → cloudfront': 'both',
      'client → rtc': 'rtc',
      'cloudfront → api-gateway': 'both',
      'cloudfront → ui-s3': 'query',
      'cloudfront → s3-store': 'query',
      'api-gateway → command': 'command',
      'api-gateway → query': 'query',
      'command → dynamodb': 'command',
      'command → s3-store': 'command',
      'command → notification': 'command',
      'command → rtc': 'command',
      'query → dynamodb': 'query',
      'query → opensearch': 'query',
      'dynamodb → stream': 'command',
      'projectors → opensearch': 'command',
      'sns → sqs': 'command',
      'sqs → consumer': 'command',
    });
  });

  it('lists the main boxes in a fixed order and has texts for every box', () => {
    const main = [
      'client', 'ui-s3', 'cloudfront', 'cognito', 'api-gateway', 'query', 'post', 'chat', 'call', 'profile',
      'dynamodb', 'stream', 'opensearch', 's3-store', 'sns', 'sqs', 'consumer', 'websocket', 'kinesis', 'rtc-lambda',
      'cloudwatch', 'x-ray',
    ]; // biome-ignore format: one list
    const ids = BOXES.map((box) => box.id);
    expect(ids.filter((id) => main.includes(id))).toEqual(main);
    for (const id of ids) expect([DOES[id]?.en, DOES[id]?.ja, WHY[id]?.en, WHY[id]?.ja].every(Boolean), id).toBe(true);
  });

  it('has a box inside a group for everything that is deployed', () => {
    const ids = new Set(BOXES.map((box) => box.id));
    expect(Object.keys(picture.boxes).filter((id) => !ids.has(id))).toEqual([]);
    for (const box of BOXES.filter((one) => one.id !== 'client')) {
      const around = GROUPS.filter(
        (group) =>
          group.x < box.x && group.y < box.y && box.x + box.w < group.x + group.w && box.y + box.h < group.y + group.h,
      );
      expect(around, box.id).not.toEqual([]);
    }
    for (const member of Object.values(MEMBERS).flat()) expect(ids).toContain(member);
  });
});

const called = (ReferenceId: number, TotalCount: number, TotalResponseTime: number, TotalFaults = 0) => ({
  ReferenceId,
  SummaryStatistics: { TotalCount, TotalResponseTime, FaultStatistics: { TotalCount: TotalFaults } },
});

describe('traffic', () => {
  it('finds the box for an X-Ray name and type', () => {
    expect(boxOf(picture, 'asyncsns-realtime', 'AWS::Lambda::Function')).toBe('rtc-lambda');
    expect(boxOf(picture, 'asyncsns-realtime', 'AWS::Kinesis::Stream')).toBe('kinesis');
    expect(boxOf(picture, 'asyncsns-timelines', 'AWS::SQS::Queue')).toBe('sqs');
    expect(boxOf(picture, 'asyncsns-posts', 'AWS::DynamoDB::Table')).toBe('dynamodb');
    expect(boxOf(picture, 'asyncsns-posts stream', 'AWS::DynamoDB::Stream')).toBe('stream');
    expect(boxOf(picture, 'gateway', 'AWS::ApiGateway::Stage')).toBe('api-gateway');
    expect(boxOf(picture, 'secretsmanager', 'AWS::secretsmanager')).toBeNull();
  });

  it('sums the calls, failures and seconds of a line', () => {
    const services: XRayService[] = [
      {
        ReferenceId: 0,
        Name: 'gateway',
        Type: 'AWS::ApiGateway::Stage',
        Edges: [called(1, 3, 0.3, 1), called(2, 1, 0.1)],
      },
      { ReferenceId: 1, Name: 'asyncsns-post', Type: 'AWS::Lambda::Function', Edges: [] },
      { ReferenceId: 2, Name: 'asyncsns-chat', Type: 'AWS::Lambda::Function', Edges: [] },
    ];
    const line = drawn(picture).find((one) => name(one) === 'api-gateway → command')!;
    expect(along(line, trafficOf(picture, services))).toMatchObject({ calls: 4, failed: 1, seconds: 0.4 });
    const other = drawn(picture).find((one) => name(one) === 'api-gateway → query')!;
    expect(along(other, trafficOf(picture, services))).toBeNull();
  });

  it('replays a trace as steps between boxes in chronological order', () => {
    const segments: Entity[] = [
      {
        id: 'b',
        name: 'asyncsns-post',
        parent_id: 'a',
        start_time: 10.01,
        end_time: 10.05,
        origin: 'AWS::Lambda::Function',
        subsegments: [
          {
            id: 'c',
            name: '## handler',
            start_time: 10.02,
            end_time: 10.04,
            subsegments: [
              {
                id: 'd',
                name: 'dynamodb',
                namespace: 'aws',
                start_time: 10.03,
                end_time: 10.035,
                fault: true,
                aws: { operation: 'PutItem', table_name: 'asyncsns-posts' },
              },
            ],
          },
        ],
      },
      {
        id: 'e',
        name: 'asyncsns-posts stream',
        parent_id: 'd',
        start_time: 9,
        end_time: 11,
        origin: 'AWS::DynamoDB::Stream',
      },
      { id: 'a', name: 'gateway', start_time: 10, end_time: 10.06, origin: 'AWS::ApiGateway::Stage' },
    ];
    const found = steps(picture, segments);
    expect(found.map(name)).toEqual([
      'client → api-gateway',
      'api-gateway → post',
      'post → dynamodb',
      'dynamodb → stream',
    ]);
    expect(found[2]).toMatchObject({ what: 'dynamodb PutItem asyncsns-posts', at: 30, takes: 5, failed: true });
  });

  it('keeps the labels of lines at the edge inside the diagram', () => {
    expect([14, 560, 1168].map(inside)).toEqual([60, 560, 1140]);
  });

  it('names all tables of a call', () => {
    const read: Entity = {
      id: 'a',
      name: 'dynamodb',
      start_time: 1,
      end_time: 2,
      aws: { operation: 'BatchGetItem', table_names: ['asyncsns-posts', 'asyncsns-profiles'] },
    };
    expect(steps(picture, [read])[0]?.what).toBe('dynamodb BatchGetItem asyncsns-posts, asyncsns-profiles');
  });

  it('begins where the trace does, and says when a parent is missing', () => {
    const sweep: Entity = {
      id: 'a',
      name: 'asyncsns-post-sweeper',
      start_time: 1,
      end_time: 2,
      origin: 'AWS::Lambda::Function',
    };
    const [alone] = steps(picture, [sweep]);
    expect(alone).toMatchObject({ from: null, isOrphan: false, to: 'clock' });
    const [orphan] = steps(picture, [{ ...sweep, parent_id: 'gone' }]);
    expect(orphan).toMatchObject({ from: null, isOrphan: true });
    const request = { id: 'b', name: 'gateway', parent_id: 'browser', start_time: 1, http: { request: {} } };
    expect(steps(picture, [request])[0]).toMatchObject({ from: 'client', isOrphan: false, to: 'api-gateway' });
  });

  it('lights both lines of a request whose trace begins behind CloudFront', () => {
    const [step] = steps(picture, [{ id: 'a', name: 'gateway', start_time: 1, http: { request: {} } }]);
    const lit = drawn(picture).filter((line) => goesAlong(line, step!));
    expect(lit.map(name)).toEqual(['client → cloudfront', 'cloudfront → api-gateway']);
    const statistics = { TotalCount: 3, TotalResponseTime: 1, FaultStatistics: { TotalCount: 1 } };
    const services: XRayService[] = [
      { ReferenceId: 0, Name: 'client', Type: 'client', Edges: [{ ReferenceId: 1, SummaryStatistics: statistics }] },
      { ReferenceId: 1, Name: 'gateway', Type: 'AWS::ApiGateway::Stage', Edges: [] },
    ];
    expect(trafficOf(picture, services).map(name)).toEqual(lit.map(name));
  });
});
