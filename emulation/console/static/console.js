// The console's pages: plain modules, one function a view; text reaches the page as text nodes only.
const view = document.getElementById("view");
const views = { mail, traces, trace, map, logs };

function element(tag, properties = {}, ...children) {
  const made = document.createElementNS(
    ["svg", "line", "rect", "text", "g", "title", "path"].includes(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml",
    tag,
  );
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

async function read(url) {
  const answer = await fetch(url);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message ?? `HTTP ${answer.status}`);
  return body;
}

const milliseconds = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;

async function mail() {
  const mails = await read("/api/mails");
  if (!mails.length) return [element("p", { class: "meta" }, "No mail yet. Codes that Cognito sends arrive here.")];
  return mails.map((one) => {
    const code = /\b\d{6}\b/.exec(one.body)?.[0];
    return element(
      "article", { class: "card" },
      element("h2", {}, one.subject || "(no subject)"),
      element("p", { class: "meta" }, `to ${one.to}`),
      ...(code ? [element("p", { class: "code" }, code)] : []),
      element("pre", {}, one.body),
    );
  });
}

async function traces() {
  const rows = await read("/api/traces");
  if (!rows.length) return [element("p", { class: "meta" }, "No traces in the last 30 minutes.")];
  const head = element("tr", {}, ...["Time", "Request", "Services", "Duration"].map((name) => element("th", {}, name)));
  const body = rows.map((row) =>
    element(
      "tr", {},
      element("td", {}, new Date(row.StartTime * 1000).toLocaleTimeString()),
      element(
        "td", { class: row.HasFault ? "fault" : "" },
        element("a", { href: `#trace/${row.Id}` }, row.Http.HttpURL ? `${row.Http.HttpMethod} ${row.Http.HttpURL}` : row.EntryPoint.Name),
        row.HasFault ? " fault" : "",
      ),
      element("td", {}, row.ServiceIds.map((service) => service.Name).join(", ")),
      element("td", { class: "number" }, milliseconds(row.Duration)),
    ));
  return [element("table", {}, element("thead", {}, head), element("tbody", {}, ...body))];
}

async function trace(id) {
  const one = await read(`/api/traces/${id}`);
  const spans = [...one.spans].sort((a, b) => a.start - b.start);
  const percent = (seconds) => `${((seconds / (one.duration || 1)) * 100).toFixed(2)}%`;
  return [
    element("h2", {}, `Trace ${one.id}`),
    element("p", { class: "meta" }, `${spans.length} spans, ${milliseconds(one.duration)}`),
    element(
      "div", { class: "card" },
      ...spans.map((span) =>
        element(
          "div", { class: span.fault ? "span fault" : "span" },
          element("span", { class: "name", title: span.name }, [span.name, span.aws.operation].filter(Boolean).join(" ")),
          element("span", { class: "track" }, element("span", { class: "bar", style: `left:${percent(span.start)};width:${percent(span.duration)}` })),
          element("span", {}, milliseconds(span.duration)),
        )),
    ),
  ];
}

function layers(services) {
  const depth = new Map();
  const start = services.filter((one) => !services.some((other) => other !== one && other.Edges.some((edge) => edge.ReferenceId === one.ReferenceId)));
  let row = (start.length ? start : services.slice(0, 1)).map((one) => one.ReferenceId);
  for (let level = 0; row.length && level < services.length; level += 1) {
    row.forEach((id) => depth.has(id) || depth.set(id, level));
    row = services.filter((one) => row.includes(one.ReferenceId)).flatMap((one) => one.Edges.map((edge) => edge.ReferenceId)).filter((id) => !depth.has(id));
  }
  services.forEach((one) => depth.has(one.ReferenceId) || depth.set(one.ReferenceId, 0));
  return depth;
}

async function map() {
  const services = await read("/api/map");
  if (!services.length) return [element("p", { class: "meta" }, "No traces in the last 30 minutes.")];
  const depth = layers(services);
  const place = new Map();
  const filled = [];
  for (const one of services) {
    const level = depth.get(one.ReferenceId);
    filled[level] = (filled[level] ?? 0) + 1;
    place.set(one.ReferenceId, { x: 20 + level * 260, y: filled[level] * 64 - 44 });
  }
  const height = Math.max(...filled.map((count) => count ?? 0)) * 64 + 20;
  const picture = element("svg", { viewBox: `0 0 ${filled.length * 260} ${height}`, role: "img", "aria-label": "Service map" });
  for (const one of services) {
    for (const edge of one.Edges) {
      const from = place.get(one.ReferenceId);
      const to = place.get(edge.ReferenceId);
      const calls = edge.SummaryStatistics.TotalCount;
      picture.append(
        element(
          "path", { class: "edge", d: `M${from.x + 180} ${from.y + 20} C${from.x + 220} ${from.y + 20} ${to.x - 40} ${to.y + 20} ${to.x} ${to.y + 20}` },
          element("title", {}, `${calls} calls, mean ${milliseconds(edge.SummaryStatistics.TotalResponseTime / calls)}`),
        ),
      );
    }
  }
  for (const one of services) {
    const { x, y } = place.get(one.ReferenceId);
    picture.append(
      element("rect", { class: "node", x, y, width: 180, height: 40, rx: 8 }),
      element("text", { x: x + 12, y: y + 24 }, one.Name),
    );
  }
  return [element("div", { class: "card" }, picture)];
}

async function logs(group) {
  const groups = await read("/api/logs");
  const chosen = group ? decodeURIComponent(group) : groups[0];
  const select = element("select", { "aria-label": "Log group" }, ...groups.map((name) => element("option", name === chosen ? { selected: "" } : {}, name)));
  select.addEventListener("change", () => { location.hash = `logs/${encodeURIComponent(select.value)}`; });
  const events = chosen ? await read(`/api/logs/events?group=${encodeURIComponent(chosen)}`) : [];
  const text = events.map((event) => `${new Date(event.at).toISOString()} ${event.message.trimEnd()}`).join("\n");
  return [select, element("div", { class: "card" }, element("pre", {}, text || "Nothing in the last 30 minutes."))];
}

async function show() {
  const [name, argument] = (location.hash.slice(1) || "mail").split("/");
  document.querySelectorAll("nav a").forEach((link) => {
    if (link.hash === `#${name}` || (name === "trace" && link.hash === "#traces")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  try {
    view.replaceChildren(...(await (views[name] ?? mail)(argument)));
  } catch (error) {
    view.replaceChildren(element("p", { class: "fault" }, error.message));
  }
}

addEventListener("hashchange", show);
setInterval(() => { if (!location.hash.startsWith("#logs") && document.visibilityState === "visible") show(); }, 5000);
show();
