// Traces: the list, and one as a nested waterfall with what each span knows and wrote.
import { clock, counted, decoded, element, empty, failure, logLine, milliseconds, read, table, wide } from "../page.js";

export async function traces(query = "") {
  const asked = new URLSearchParams(query);
  const rows = await read(`/api/traces?${asked}`);
  const about = asked.has("from") ? `${asked.get("from")} → ${asked.get("to")}` : (asked.get("node") ?? "all requests");
  const failed = new URLSearchParams(asked);
  failed.set("failed", asked.get("failed") === "true" ? "false" : "true");
  const head = element(
    "p", { class: "meta" }, `Last 30 minutes: ${about}. `,
    element("a", { href: `#traces/${failed}` }, asked.get("failed") === "true" ? "Show all" : "Only failed"),
    query ? " · " : null, query ? element("a", { href: "#traces" }, "Clear") : null,
  );
  if (!rows.length) return [search(asked), head, ...empty("No traces.")];
  const cells = rows.map((row) => [
    clock(row.StartTime * 1000),
    element(
      "td", { class: row.HasFault ? "fault" : "" },
      element("a", { href: `#trace/${row.Id}` }, row.Http.HttpURL ? `${row.Http.HttpMethod} ${row.Http.HttpURL}` : row.EntryPoint.Name),
      row.HasFault ? " fault" : row.HasError ? " error" : "",
    ),
    row.ServiceIds.map((service) => service.Name).join(", "),
    element("td", { class: "number" }, milliseconds(row.Duration)),
  ]);
  return [search(asked), head, wide(["Time", "Request", "Passes", "Duration"], cells)];
}

/** By what a reader knows of a request: its path, its method, or the id of its trace. */
function search(asked) {
  const field = element("input", { type: "search", value: asked.get("text") ?? "", placeholder: "POST /v1/posts, or a trace id", "aria-label": "Request or trace id", size: 40 });
  const find = (event) => {
    event.preventDefault();
    const wanted = new URLSearchParams(asked);
    if (field.value.trim()) wanted.set("text", field.value.trim());
    else wanted.delete("text");
    location.hash = `traces/${wanted}`;
  };
  return element("form", { class: "bar-form", role: "search", onsubmit: find }, field, element("button", { type: "submit" }, "Search"));
}

export async function trace(id) {
  const path = `/api/traces/${encodeURIComponent(decoded(id ?? ""))}`;
  const one = await read(path);
  let unread = null;
  const logs = await read(`${path}/logs`).catch((error) => {
    unread = failure(error);
    return [];
  });
  const panel = element("aside", { class: "card detail", "aria-live": "polite" }, "Select a span to see its details.");
  const choose = (span) => panel.replaceChildren(...detail(span, one, logs));
  const children = Map.groupBy(one.spans, (span) => span.parent);
  const rows = [];
  const walk = (span, depth) => {
    rows.push(row(span, depth, one.duration, choose));
    for (const child of children.get(span.id) ?? []) walk(child, depth + 1);
  };
  for (const root of children.get(null) ?? []) walk(root, 0);
  const faults = one.spans.filter((span) => span.fault).length;
  return [
    element("h2", {}, `Trace ${one.id}`),
    element("p", { class: "meta" }, `${counted(one.spans.length, "span")}, ${milliseconds(one.duration)}, ${counted(faults, "fault")}, ${unread ? "log lines not read" : counted(logs.length, "log line")}`),
    element("div", { class: "two" }, element("div", { class: "card waterfall", role: "list" }, ...rows), panel),
    element("h2", {}, "Log lines"),
    ...(unread ? [unread] : logs.length ? logs.map(logLine) : empty("None.")),
  ];
}

function row(span, depth, whole, choose) {
  const percent = (seconds) => `${((seconds / (whole || 1)) * 100).toFixed(2)}%`;
  const what = [span.aws.operation, ...tablesOf(span), span.request].filter(Boolean).join(" ");
  const state = span.fault ? "fault" : span.error ? "error" : span.throttle ? "throttled" : "";
  const press = ({ currentTarget }) => {
    for (const other of currentTarget.closest("[role=list]").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === currentTarget));
    choose(span);
  };
  const button = element(
    "button", { class: `span ${state}`, type: "button", "aria-pressed": "false", onclick: press },
    element("span", { class: "name", style: `--depth:${depth}` }, span.name, element("small", {}, ` ${what} ${state}${span.missing ? " parent not recorded" : ""}`)),
    element("span", { class: "track", "aria-hidden": "true" },
      element("span", { class: `bar ${span.kind.includes("Queue") || span.kind.includes("Stream") ? "wait" : ""}`, style: `left:${percent(span.start)};width:${percent(span.duration)}` })),
    element("span", { class: "number" }, milliseconds(span.duration)),
  );
  return element("div", { role: "listitem" }, button);
}

const tablesOf = (span) => span.aws.table_names ?? [];

function detail(span, one, logs) {
  const own = span.kind === "AWS::Lambda::Function" ? logs.filter((line) => line.group.endsWith(`/${span.name}`)) : [];
  const facts = [
    ["Kind", span.kind || "part of the one above"], ["Begins after", milliseconds(span.start)], ["Takes", milliseconds(span.duration)],
    ["Parent", span.missing && `${span.missing}, not recorded: it was lost, not sampled, or has not ended`], ["Status", span.status], ["Request", span.request],
    ...Object.entries(span.aws).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    ...Object.entries(span.annotations),
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  const invocation = span.annotations.invocation;
  return [
    element("h2", {}, span.name),
    ...span.problems.map((problem) => element("p", { class: "fault" }, problem)),
    table(["", ""], facts),
    invocation && invocation !== one.id ? element("p", {}, element("a", { href: `#trace/${invocation}` }, "The trace of the invocation, which handled several causes at once")) : null,
    ...(span.kind ? [element("p", {}, element("a", { href: `#traces/${new URLSearchParams({ node: span.name })}` }, "Other traces through this service"))] : []),
    own.length ? element("h2", {}, "It wrote") : null,
    ...own.map(logLine),
  ].filter(Boolean);
}
