/** An SVG path through the corners, which are rounded. */
const RADIUS = 12;

type Point = readonly [number, number];

export function roundedPath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (!start) return '';
  const parts = [`M${start[0]} ${start[1]}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const before = index === 0 ? start : rest[index - 1]!;
    if (!next) {
      parts.push(`L${point[0]} ${point[1]}`);
      return;
    }
    const enter = towards(point, before);
    const leave = towards(point, next);
    parts.push(`L${enter[0]} ${enter[1]}`, `Q${point[0]} ${point[1]} ${leave[0]} ${leave[1]}`);
  });
  return parts.join(' ');
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const step = Math.min(RADIUS, length / 2) / length;
  return [from[0] + (to[0] - from[0]) * step, from[1] + (to[1] - from[1]) * step];
}
