// The service map: a box leads to the traces that pass it, a line to those that go along it.
import { both } from "../language.js";
import { element, empty, milliseconds, read } from "../page.js";

const HEIGHT = 62, MARGIN = 8, LETTER = 6.6;
/** Of boxes; a row holds as many as the page is wide. */
const NARROWEST = 140, WIDEST = 190, BESIDE = 14, BELOW = 14;
/** Room for lines between one who calls and who is called. */
const BETWEEN = 46;

/** Layer of each box: one below the last that calls it. Lines that lead back to an earlier box do not count. */
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
  if (!services.length) {
    return empty(both(
      "No traces in the last 30 minutes. Use the app, for example publish a post: the services that it passes appear here some seconds later.",
      "過去30分のトレースはありません。アプリで投稿などの操作をすると、数秒後に、通過したサービスがここに表示されます。",
    ));
  }
  const { place, width, height } = placed(services, inside());
  const names = new Map(services.map((one) => [one.ReferenceId, one.Name]));
  const common = prefix(services);
  const picture = element(
    "svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", class: "map", "aria-label": both("Service map", "サービスマップ") },
    element("defs", {}, element("marker", { id: "tip", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" }, element("path", { d: "M0 0 8 4 0 8z", class: "tip" }))),
  );
  for (const one of services) for (const edge of one.Edges) picture.append(line(one, edge, place, names));
  for (const one of services) picture.append(box(one, services, place.get(one.ReferenceId), common));
  const about = both(
    "The last 30 minutes. Choose a box or a line to see its traces. Red: calls that failed (5xx, an exception); amber: calls that were refused (4xx, a condition).",
    "過去30分。四角または線を選ぶと、そこを通るトレースを表示します。赤は失敗した呼び出し(5xxや例外)、橙は拒否された呼び出し(4xxや条件の不成立)です。",
  );
  return [element("p", { class: "meta" }, about), element("div", { class: "card wide" }, picture)];
}

/** Layers from top to bottom, as wide as the page. Boxes of a layer are in the order of those that call them. */
function placed(services, room) {
  const depth = layers(services), callers = new Map(services.map((one) => [one.ReferenceId, []]));
  for (const one of services) for (const edge of one.Edges) callers.get(edge.ReferenceId).push(one.ReferenceId);
  const byLayer = [...Map.groupBy(services, (one) => depth.get(one.ReferenceId))].sort(([a], [b]) => a - b).map(([, layer]) => layer);
  const fitting = Math.max(1, Math.floor((room - 2 * MARGIN + BESIDE) / (NARROWEST + BESIDE)));
  const most = Math.min(fitting, Math.max(...byLayer.map((layer) => layer.length)));
  const size = Math.min(WIDEST, (room - 2 * MARGIN - (most - 1) * BESIDE) / most);
  const width = Math.floor(most * (size + BESIDE) - BESIDE + 2 * MARGIN), place = new Map();
  let y = MARGIN;
  for (const layer of byLayer) {
    const middle = (one) => {
      const above = callers.get(one.ReferenceId).map((id) => place.get(id)?.x).filter((x) => x !== undefined);
      return above.length ? above.reduce((sum, x) => sum + x, 0) / above.length : 0;
    };
    const ordered = layer.map((one) => [middle(one), one]).sort(([a], [b]) => a - b).map(([, one]) => one);
    const rows = Math.ceil(ordered.length / most), across = Math.ceil(ordered.length / rows);
    for (let first = 0; first < ordered.length; first += across) {
      const row = ordered.slice(first, first + across);
      const left = (width - row.length * (size + BESIDE) + BESIDE) / 2;
      for (const [at, one] of row.entries()) place.set(one.ReferenceId, { x: left + at * (size + BESIDE), y, size });
      y += HEIGHT + BELOW;
    }
    y += BETWEEN - BELOW;
  }
  return { place, width, height: y - BETWEEN + MARGIN };
}

/** Pixels within the page's padding and the card's. */
function inside() {
  const view = document.getElementById("view"), style = getComputedStyle(view);
  return view.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 34;
}

/** What most names begin with, up to a dash: it tells nothing, and takes the room of what does. */
function prefix(services) {
  const begins = services.map((one) => /^[a-z0-9]+-/.exec(one.Name)?.[0]).filter(Boolean);
  const [most] = [...Map.groupBy(begins, (one) => one)].sort((a, b) => b[1].length - a[1].length);
  return most && most[1].length > services.length / 4 ? most[0] : "";
}

function line(one, edge, place, names) {
  const from = place.get(one.ReferenceId), to = place.get(edge.ReferenceId), found = edge.SummaryStatistics;
  const failed = found.FaultStatistics.TotalCount, refused = found.ErrorStatistics.TotalCount;
  const mean = milliseconds(found.TotalResponseTime / found.TotalCount);
  const told = `${one.Name} → ${names.get(edge.ReferenceId)}: ${both(`${found.TotalCount} calls, mean ${mean}, ${failed} failed, ${refused} refused`, `${found.TotalCount}回、平均${mean}、失敗${failed}回、拒否${refused}回`)}`;
  const d = curve(from, to);
  return element(
    "a", { svg: true, href: `#traces/${new URLSearchParams({ from: one.Name, to: names.get(edge.ReferenceId) })}`, "aria-label": told },
    element("title", {}, told),
    element("path", { class: "hit", d }),
    element("path", { class: failed ? "edge failed" : refused ? "edge refused" : "edge", d, "marker-end": "url(#tip)", "stroke-width": 1 + Math.log10(found.TotalCount) }),
  );
}

/** From below one box to the top of the other; back up, it leaves at the top and comes from below. */
function curve(from, to) {
  const isDown = to.y >= from.y, bend = isDown ? BETWEEN : -BETWEEN;
  const start = { x: from.x + from.size / 2, y: from.y + (isDown ? HEIGHT : 0) };
  const end = { x: to.x + to.size / 2, y: to.y + (isDown ? 0 : HEIGHT) };
  return `M${start.x} ${start.y} C${start.x} ${start.y + bend} ${end.x} ${end.y - bend} ${end.x} ${end.y}`;
}

function box(one, services, { x, y, size }, common) {
  const into = services.flatMap((other) => other.Edges).filter((edge) => edge.ReferenceId === one.ReferenceId).map((edge) => edge.SummaryStatistics);
  const calls = into.reduce((sum, found) => sum + found.TotalCount, 0);
  const time = into.reduce((sum, found) => sum + found.TotalResponseTime, 0);
  const failed = into.reduce((sum, found) => sum + found.FaultStatistics.TotalCount, 0);
  const told = calls ? `${calls} × ${milliseconds(time / calls)}` : one.Type.split("::").at(-1);
  // On a line of its own: beside the calls it is wider than a box.
  const missed = failed ? both(`${failed} failed`, `失敗${failed}件`) : "";
  const whole = [one.Name, told, missed].filter(Boolean).join(", ");
  const name = one.Name.startsWith(common) ? one.Name.slice(common.length) : one.Name;
  const most = Math.floor((size - 16) / LETTER);
  return element(
    "a", { svg: true, href: `#traces/${new URLSearchParams({ node: one.Name })}`, "aria-label": whole },
    element("title", {}, whole),
    element("rect", { class: failed ? "node failed" : "node", x, y, width: size, height: HEIGHT, rx: 8 }),
    element("text", { x: x + 8, y: y + 20 }, name.length > most ? `${name.slice(0, most - 1)}…` : name),
    element("text", { x: x + 8, y: y + 37, class: "small" }, told),
    missed ? element("text", { x: x + 8, y: y + 52, class: "small fault" }, missed) : null,
  );
}
