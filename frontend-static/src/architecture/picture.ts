/** The deployed resources, as the deployment read them from the templates: `infra/picture`. */
import { signal } from '@preact/signals';
import type { Flow } from './model';

export interface Resource {
  type: string;
  name: string;
  facts: Record<string, string>;
}

export interface BoxFacts {
  resources: Resource[];
  /** Paths in the repository, entry points first. */
  code: string[];
  /** Service → share of the bill for 100,000 daily users. */
  cost: Record<string, number>;
}

export interface ProvenArrow {
  from: string;
  to: string;
  flow: Flow;
  /** The first twelve; `count` is how many there are. */
  proofs: string[];
  count: number;
}

export interface Picture {
  boxes: Record<string, BoxFacts>;
  arrows: ProvenArrow[];
  /** Name of a function → box. */
  nodes: Record<string, string>;
  /** Path → text, of entry points. */
  sources: Record<string, string>;
}

export const picture = signal<Picture | null>(null);

export async function loadPicture(): Promise<void> {
  if (picture.value) return;
  const response = await fetch('/architecture.json', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`/architecture.json: expected 200, got ${response.status}`);
  picture.value = (await response.json()) as Picture;
}
