// The console's pages: one module per view, chosen by the part of the address behind the hash.
import { both, choose, translateFrame } from "./language.js";
import { asking, clock, counted, element, failure, say } from "./page.js";
import { access } from "./views/access.js";
import { drills } from "./views/drills.js";
import { pushes, saves } from "./views/kept.js";
import { logs, stopTail } from "./views/logs.js";
import { map } from "./views/map.js";
import { metrics } from "./views/metrics.js";
import { mail, queues, sockets, streams } from "./views/resources.js";
import { tables } from "./views/tables.js";
import { trace, traces } from "./views/traces.js";

const view = document.getElementById("view");
const views = { mail, traces, trace, map, logs, metrics, queues, tables, streams, sockets, pushes, access, drills, saves };
/** Seconds after which a view renews itself, unless something in it is used or open. The others are read. */
const FRESH = { mail: 5, map: 5, queues: 5, tables: 5, streams: 5, sockets: 5, pushes: 5, metrics: 15 };
const LOOK_MS = 1000;
/** After this an answer is late enough to say that it is awaited. */
const LATE_MS = 1000;
const late = () => both("Waiting for an answer…", "応答を待っています…");
/** What is said of a view of a while ago, and when it was read. */
let aged = "", readAt = "";
let shown = 0;
let isLoading = false;
let endedAt = 0;

/** The view of the address, and what follows its name there. */
function asked() {
  const [name, argument] = (location.hash.slice(1) || "mail").split(/\/(.*)/s);
  return Object.hasOwn(views, name) ? [name, argument] : ["mail", undefined];
}

/** What the console has is shown at once. Where that was read a while ago, `newest` follows: it waits for a new answer. */
async function show({ newest = false } = {}) {
  const number = ++shown;
  Object.assign(asking, { newest, age: 0 });
  const [name, argument] = asked();
  isLoading = true;
  if (name !== "logs") stopTail();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}` || (name === "trace" && link.hash === "#traces")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${document.querySelector("nav a[aria-current]").textContent} · ${both("Console", "コンソール")}`;
  view.setAttribute("aria-busy", "true");
  const timer = setTimeout(() => document.getElementById("said").textContent || say(late()), LATE_MS);
  const found = await views[name](argument).catch((error) => [failure(error), element("button", { type: "button", onclick: () => show() }, both("Try again", "再試行"))]);
  clearTimeout(timer);
  if (number !== shown) return;
  isLoading = false;
  endedAt = Date.now();
  if ([late(), aged].includes(document.getElementById("said").textContent)) say("");
  view.removeAttribute("aria-busy");
  if (newest && isInUse()) {
    if (aged) say(both(`Shown as read at ${readAt}.`, `${readAt}時点の内容です。`));
    return;
  }
  const hadFocus = view.contains(document.activeElement);
  view.replaceChildren(...found);
  letKeysScroll();
  // What had the focus is gone: the next Tab goes on from here, not from the top.
  if (hadFocus) view.focus({ preventScroll: true });
  aged = "";
  if (asking.age) sayAge();
}

/** The view is of a while ago: the server behind it is busy. A new answer replaces it unless somebody uses it. */
function sayAge() {
  readAt = clock(Date.now() - asking.age * 1000);
  const minutes = Math.round(asking.age / 60), isMinutes = asking.age >= 120;
  aged = both(
    `Read ${isMinutes ? counted(minutes, "minute") : counted(asking.age, "second")} ago. A newer answer is awaited.`,
    `${isMinutes ? `${minutes}分` : `${asking.age}秒`}前の内容です。新しい応答を待っています。`,
  );
  if (!document.getElementById("said").textContent) say(aged);
  void show({ newest: true });
}

/** What is wider than its place scrolls, also for those who have only keys. */
function letKeysScroll() {
  for (const part of view.querySelectorAll(".wide, section.card, details.below")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

/** To look at the messages of a queue is to receive them, which counts: that is done once. */
const renewsAfter = (name, argument) => (name === "queues" && argument ? Infinity : (FRESH[name] ?? Infinity));

/** Whether somebody uses what a fresh view would take away. */
function isInUse() {
  const focused = document.activeElement;
  return (focused !== view && view.contains(focused)) || !document.getSelection().isCollapsed || view.querySelector("details[open]");
}

addEventListener("hashchange", (event) => {
  if (location.hash === "#view") {
    history.replaceState(null, "", new URL(event.oldURL).hash || "#mail");
    view.focus();
    return;
  }
  // Views ask for themselves again with an event that has no address.
  if (event.newURL) {
    say("");
    scrollTo(0, 0);
  }
  void show();
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    choose(button.dataset.language);
    say("");
    translateFrame();
    void show();
  });
}
addEventListener("resize", letKeysScroll);
view.addEventListener("toggle", letKeysScroll, true);
setInterval(() => {
  if (isLoading || document.visibilityState !== "visible" || isInUse()) return;
  if (Date.now() - endedAt >= renewsAfter(...asked()) * 1000) void show({ newest: true });
}, LOOK_MS);
translateFrame();
void show();
