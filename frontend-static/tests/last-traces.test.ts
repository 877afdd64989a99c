import { describe, expect, it } from 'vitest';
import type { Picture } from '../src/architecture/picture';
import { lastOf } from '../src/architecture/traces';
import type { TraceSummary } from '../src/ops/xray';
import deployed from './vectors/architecture.json';

const picture = deployed as unknown as Picture;
const [name, box] = Object.entries(picture.nodes)[0] ?? ['', ''];

function summary(id: string, service: string): TraceSummary {
  const of = { Name: service, Type: 'AWS::Lambda::Function' };
  return {
    Id: id,
    StartTime: 0,
    Duration: 0,
    HasFault: false,
    HasError: false,
    Http: {},
    ServiceIds: [of],
    EntryPoint: of,
  };
}

async function* pages(count: number, of: (page: number) => TraceSummary[]): AsyncGenerator<TraceSummary[]> {
  for (let page = 0; page < count; page += 1) yield of(page);
}

describe('the last traces of a box', () => {
  it('are found after pages without a match', async () => {
    const found = await lastOf(
      picture,
      box,
      pages(3, (page) => [summary(`${page}`, page === 2 ? name : 'another')]),
    );
    expect(found.map((one) => one.Id)).toEqual(['2']);
  });

  it('are limited to eight, and no further pages are requested', async () => {
    let asked = 0;
    const found = await lastOf(
      picture,
      box,
      pages(5, (page) => {
        asked += 1;
        return Array.from({ length: 5 }, (_, one) => summary(`${page}-${one}`, name));
      }),
    );
    expect([found.length, asked]).toEqual([8, 2]);
  });

  it('show commands first where all traces pass, then reads, then what begins inside', async () => {
    const asked = (id: string, method?: string): TraceSummary => ({
      ...summary(id, name),
      Http: { HttpMethod: method },
    });
    const page = [asked('inside'), asked('read', 'GET'), asked('newer', 'POST'), asked('older', 'DELETE')];
    const found = await lastOf(
      picture,
      'client',
      pages(1, () => page),
    );
    expect(found.map((one) => one.Id)).toEqual(['newer', 'older', 'read', 'inside']);
  });
});
