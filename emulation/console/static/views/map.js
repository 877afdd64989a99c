// The service map: a box leads to the traces that pass it, a line to those that go along it.
import { element, empty, milliseconds, read } from "../page.js";

const WIDTH = 210, HEIGHT = 48, COLUMN = 290, ROW = 72;

/** Column of each box: one right of the last that calls it. Lines that lead back to an earlier box do not count. */
function layers(services) {
  const calls = new Map(services.map((one) => [one.ReferenceId, one.Edges.map((edge) => edge.ReferenceId).filter((id) => id !== one.ReferenceId)]));
  const order = [], state = new Map(), back = new Set();
  const visit = (id) => {
    state.set(id, "open");
    for (const next of calls.get(id) ?? []) {
      if (state.get(next) === "open") back.add(`${id} ${next}`);
      else if (!state.has(next)) visit(next);
    }
    state.set(id, "done");
    order.unshift(id);
  };
  const first = services.find((one) => one.Type === "client");
  for (const one of [first, ...services].filter(Boolean)) if (!state.has(one.ReferenceId)) visit(one.ReferenceId);
  const depth = new Map(order.map((id) => [id, 0]));
  for (const id of order) for (const next of calls.get(id) ?? []) if (!back.has(`${id} ${next}`)) depth.set(next, Math.max(depth.get(next), depth.get(id) + 1));
  return depth;
}

export async function map() {
  const services = await read("/api/map");
  if (!services.length) return empty("No traces in the last 30 minutes.");
  const depth = layers(services);
  const place = new Map();
  const filled = [];
  for (const one of services) {
    const level = depth.get(one.ReferenceId);
    filled[level] = (filled[level] ?? 0) + 1;
    place.set(one.ReferenceId, { x: 12 + level * COLUMN, y: filled[level] * ROW - ROW + 12 });
  }
  const width = filled.length * COLUMN, height = Math.max(...filled.map((count) => count ?? 0)) * ROW + 12;
  const names = new Map(services.map((one) => [one.ReferenceId, one.Name]));
  const picture = element(
    "svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "Service map" },
    element("defs", {}, element("marker", { id: "tip", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" }, element("path", { d: "M0 0 8 4 0 8z", class: "tip" }))),
  );
  for (const one of services) for (const edge of one.Edges) picture.append(line(one, edge, place, names));
  for (const one of services) picture.append(box(one, services, place.get(one.ReferenceId)));
  return [element("p", { class: "meta" }, "The last 30 minutes. Choose a box or a line to see its traces."), element("div", { class: "card wide" }, picture)];
}

function line(one, edge, place, names) {
  const from = place.get(one.ReferenceId), to = place.get(edge.ReferenceId), found = edge.SummaryStatistics;
  const failed = found.FaultStatistics.TotalCount + found.ErrorStatistics.TotalCount;
  const told = `${one.Name} → ${names.get(edge.ReferenceId)}: ${found.TotalCount} calls, mean ${milliseconds(found.TotalResponseTime / found.TotalCount)}, ${failed} failed`;
  const start = { x: from.x + WIDTH, y: from.y + HEIGHT / 2 }, end = { x: to.x, y: to.y + HEIGHT / 2 };
  const d = `M${start.x} ${start.y} C${start.x + 50} ${start.y} ${end.x - 50} ${end.y} ${end.x} ${end.y}`;
  return element(
    "a", { svg: true, href: `#traces/${new URLSearchParams({ from: one.Name, to: names.get(edge.ReferenceId) })}`, "aria-label": told },
    element("title", {}, told),
    element("path", { class: "hit", d }),
    element("path", { class: failed ? "edge failed" : "edge", d, "marker-end": "url(#tip)", "stroke-width": 1 + Math.log10(found.TotalCount) }),
  );
}

function box(one, services, { x, y }) {
  const into = services.flatMap((other) => other.Edges).filter((edge) => edge.ReferenceId === one.ReferenceId).map((edge) => edge.SummaryStatistics);
  const calls = into.reduce((sum, found) => sum + found.TotalCount, 0);
  const time = into.reduce((sum, found) => sum + found.TotalResponseTime, 0);
  const failed = into.reduce((sum, found) => sum + found.FaultStatistics.TotalCount, 0);
  const told = calls ? `${calls} × ${milliseconds(time / calls)}${failed ? `, ${failed} failed` : ""}` : one.Type;
  return element(
    "a", { svg: true, href: `#traces/${new URLSearchParams({ node: one.Name })}`, "aria-label": `${one.Name}, ${told}` },
    element("rect", { class: failed ? "node failed" : "node", x, y, width: WIDTH, height: HEIGHT, rx: 8 }),
    element("text", { x: x + 10, y: y + 20 }, one.Name.length > 30 ? `${one.Name.slice(0, 29)}…` : one.Name),
    element("text", { x: x + 10, y: y + 38, class: "small" }, told),
  );
}
