// Traces: the list, and one as a nested waterfall with what each span knows and wrote.
import { both } from "../language.js";
import { clock, counted, decoded, element, empty, failure, logLine, milliseconds, read, table, wide } from "../page.js";

export async function traces(query = "") {
  const asked = new URLSearchParams(query);
  const rows = await read(`/api/traces?${asked}`);
  const about = asked.has("from") ? `${asked.get("from")} → ${asked.get("to")}` : (asked.get("node") ?? asked.get("text") ?? both("all requests", "すべてのリクエスト"));
  const failed = new URLSearchParams(asked);
  failed.set("failed", asked.get("failed") === "true" ? "false" : "true");
  const head = element(
    "p", { class: "meta" }, both(`Last 30 minutes: ${about}. `, `過去30分: ${about} `),
    element("a", { href: `#traces/${failed}` }, asked.get("failed") === "true" ? both("Show all", "すべて表示") : both("Only failed", "失敗のみ")),
    " · ", element("a", { href: "#traces/text=%2Fv1%2F" }, both("Only requests to the API", "APIへのリクエストのみ")),
    query ? " · " : null, query ? element("a", { href: "#traces" }, both("Clear", "条件を解除")) : null,
  );
  if (!rows.length) return [search(asked), head, ...none(query)];
  const cells = rows.map((row) => [
    clock(row.StartTime * 1000),
    element(
      "td", { class: row.HasFault ? "request fault" : "request" },
      element("a", { href: `#trace/${row.Id}` }, row.Http.HttpURL ? `${row.Http.HttpMethod} ${row.Http.HttpURL}` : row.EntryPoint.Name),
      " ", element("span", {}, row.HasFault ? both("fault", "障害") : row.HasError ? both("error", "エラー") : ""),
    ),
    row.ServiceIds.map((service) => service.Name).join(", "),
    element("td", { class: "number" }, milliseconds(row.Duration)),
  ]);
  const list = wide(both(["Time", "Request", "Passes", "Duration"], ["時刻", "リクエスト", "通過したサービス", "所要時間"]), cells);
  list.classList.add("traces");
  return [search(asked), head, list];
}

/** Why there is none, and what would make one. */
const none = (query) => empty(query
  ? both("No trace of the last 30 minutes matches. “Clear” shows all.", "過去30分に一致するトレースはありません。「条件を解除」ですべて表示します。")
  : both("No traces in the last 30 minutes. Use the app, for example publish a post: its traces appear here some seconds later.", "過去30分のトレースはありません。アプリで投稿などの操作をすると、数秒後にここに表示されます。"));

/** By what a reader knows of a request: its path, its method, or the id of its trace. */
function search(asked) {
  const field = element("input", { type: "search", value: asked.get("text") ?? "", placeholder: both("POST /v1/posts, or a trace id", "POST /v1/posts、またはトレースID"), "aria-label": both("Request or trace id", "リクエストまたはトレースID"), size: 40 });
  const find = (event) => {
    event.preventDefault();
    const wanted = new URLSearchParams(asked);
    if (field.value.trim()) wanted.set("text", field.value.trim());
    else wanted.delete("text");
    location.hash = `traces/${wanted}`;
  };
  return element("form", { class: "bar-form", role: "search", onsubmit: find }, field, element("button", { type: "submit" }, both("Search", "検索")));
}

export async function trace(id) {
  const path = `/api/traces/${encodeURIComponent(decoded(id ?? ""))}`;
  const one = await read(path);
  let unread = null;
  const logs = await read(`${path}/logs`).catch((error) => {
    unread = failure(error);
    return [];
  });
  const panel = element("aside", { class: "card detail", "aria-live": "polite" }, both("Select a span to see its details.", "スパンを選ぶと詳細を表示します。"));
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
    element("h2", {}, both(`Trace ${one.id}`, `トレース ${one.id}`)),
    element("p", { class: "meta" }, both(
      `${counted(one.spans.length, "span")}, ${milliseconds(one.duration)}, ${counted(faults, "fault")}, ${unread ? "log lines not read" : counted(logs.length, "log line")}`,
      `スパン${one.spans.length}件、${milliseconds(one.duration)}、障害${faults}件、${unread ? "ログは読めませんでした" : `ログ${logs.length}行`}`,
    )),
    element("div", { class: "two" }, element("div", { class: "card waterfall", role: "list" }, ...rows), panel),
    element("h2", {}, both("Log lines", "ログ")),
    ...(unread ? [unread] : logs.length ? logs.map(logLine) : empty(both("None: only functions write log lines, and the newest 4,000 of each are kept.", "ありません。ログを書くのは関数だけで、関数ごとに最新の4,000行を保持します。"))),
  ];
}

function row(span, depth, whole, choose) {
  const percent = (seconds) => `${((seconds / (whole || 1)) * 100).toFixed(2)}%`;
  const what = [span.aws.operation, ...tablesOf(span), span.request].filter(Boolean).join(" ");
  const state = span.fault ? "fault" : span.error ? "error" : span.throttle ? "throttled" : "";
  const said = state && both(state, { fault: "障害", error: "エラー", throttled: "スロットリング" }[state]);
  const press = ({ currentTarget }) => {
    for (const other of currentTarget.closest("[role=list]").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === currentTarget));
    choose(span);
  };
  const button = element(
    "button", { class: `span ${state}`, type: "button", "aria-pressed": "false", onclick: press },
    element("span", { class: "name", style: `--depth:${depth}` }, span.name, element("small", {}, ` ${what} ${said}${span.missing ? both(" parent not recorded", " 親は未記録") : ""}`)),
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
    [both("Kind", "種類"), span.kind || both("part of the one above", "上のスパンの一部")], [both("Begins after", "開始まで"), milliseconds(span.start)], [both("Takes", "所要時間"), milliseconds(span.duration)],
    [both("Parent", "親"), span.missing && both(`${span.missing}, not recorded: it was lost, not sampled, or has not ended`, `${span.missing}(未記録: 失われた、サンプリング対象外、または未終了)`)],
    [both("Status", "ステータス"), span.status], [both("Request", "リクエスト"), span.request],
    ...Object.entries(span.aws).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    ...Object.entries(span.annotations),
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  const invocation = span.annotations.invocation;
  return [
    element("h2", {}, span.name),
    ...span.problems.map((problem) => element("p", { class: "fault" }, problem)),
    table(["", ""], facts),
    invocation && invocation !== one.id ? element("p", {}, element("a", { href: `#trace/${invocation}` }, both("The trace of the invocation, which handled several causes at once", "複数の要求をまとめて処理した呼び出しのトレース"))) : null,
    ...(span.kind ? [element("p", {}, element("a", { href: `#traces/${new URLSearchParams({ node: span.name })}` }, both("Other traces through this service", "このサービスを通るほかのトレース")))] : []),
    own.length ? element("h2", {}, both("It wrote", "この関数のログ")) : null,
    ...own.map(logLine),
  ].filter(Boolean);
}
