// What every view is made of. Text reaches the page as text nodes only.
import { both } from "./language.js";

const SVG = new Set(["svg", "line", "rect", "text", "g", "title", "path", "circle", "marker", "defs"]);

/** `onclick` and the like are listeners; `null` and `false` leave an attribute out. */
export function element(tag, properties = {}, ...children) {
  const space = SVG.has(tag) || (tag === "a" && properties.svg) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name !== "svg" && value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Whether to wait for new answers where the console has earlier ones, and the age in seconds of the oldest that came. */
export const asking = { newest: false, age: 0 };

/** @throws Error with a sentence for the reader. */
export async function read(url, options) {
  const headers = asking.newest ? { Prefer: "wait=10" } : {};
  const answer = await fetch(url, { cache: "no-store", headers, ...options }).catch(() => {
    throw new Error(both("The console does not respond. `make status` shows what runs, `make up` starts what is missing.", "コンソールが応答しません。make status で状態を確認し、make up で起動してください。"));
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message ?? `HTTP ${answer.status}`);
  asking.age = Math.max(asking.age, Number(answer.headers.get("Age") ?? 0));
  return body;
}

/** A part of the address as its reader wrote it, also when it was typed and is no encoding. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One line above every view, which screen readers read when it changes. */
export function say(text) {
  const line = document.getElementById("said");
  if (line.textContent !== text) line.textContent = text;
}

export const failure = (error) => element("p", { class: "fault", role: "alert" }, error.message);
export const milliseconds = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
export const empty = (text) => [element("p", { class: "meta" }, text)];
export const clock = (epochMs) => new Date(epochMs).toLocaleTimeString([], { hour12: false });

const isNumber = (cell) => typeof cell === "number" || (cell instanceof Element && cell.className === "number");

/** `rows` are lists of cells: text, numbers (set right) or elements. A column without a name has no header cell. */
export function table(heads, rows, caption) {
  const head = (name, at) => (name ? element("th", { scope: "col", class: isNumber(rows[0]?.[at]) ? "number" : null }, name) : element("td", {}));
  const cell = (one) =>
    one instanceof Node && one.nodeName.toLowerCase() === "td" ? one
      : element("td", typeof one === "number" ? { class: "number" } : {}, one instanceof Node ? one : String(one));
  return element(
    "table", {},
    caption ? element("caption", {}, caption) : null,
    heads.some(Boolean) ? element("thead", {}, element("tr", {}, ...heads.map(head))) : null,
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}

/** A table that scrolls within the page where the window is narrower. */
export const wide = (...given) => element("div", { class: "wide" }, table(...given));

/** "1 fault", "2 faults". */
export const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A log line: its time, its function, its level and message, and all of it on demand. */
export function logLine(line) {
  let parsed = null;
  try {
    parsed = JSON.parse(line.message);
  } catch {
    parsed = null;
  }
  const source = line.group.replace("/aws/lambda/", "");
  if (!parsed) return element("div", { class: "log" }, `${clock(line.at)} ${source} ${line.message.trimEnd()}`);
  const failed = ["ERROR", "CRITICAL"].includes(parsed.level) || parsed.outcome === "failed";
  const about = [parsed.message, parsed.operation, parsed.outcome, parsed.Duration && `${parsed.Duration} ms`].filter(Boolean).join(" · ");
  return element(
    "details", { class: failed ? "log fault" : "log" },
    element("summary", {}, `${clock(line.at)} ${source} ${parsed.level ?? ""} ${about}`),
    parsed.request_id ? element("a", { href: `#logs/${parsed.request_id}` }, both("This request's lines", "このリクエストのログ")) : null,
    parsed.xray_trace_id ? element("a", { href: `#trace/${parsed.xray_trace_id}` }, both("Its trace", "トレース")) : null,
    element("pre", {}, JSON.stringify(parsed, null, 2)),
  );
}
