// The console's pages: one module per view, chosen by the part of the address behind the hash.
import { element } from "./page.js";
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
/** Views that change by themselves; the others are read, and would lose what was opened. */
const FRESH = new Set(["mail", "map", "tables", "streams", "sockets", "pushes"]);
const EVERY_MS = 5000;
let shown = 0;

async function show() {
  const number = ++shown;
  const [name, argument] = (location.hash.slice(1) || "mail").split(/\/(.*)/s);
  if (name !== "logs") stopTail();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}` || (name === "trace" && link.hash === "#traces")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let found;
  view.setAttribute("aria-busy", "true");
  try {
    found = await (Object.hasOwn(views, name) ? views[name] : mail)(argument);
  } catch (error) {
    found = [element("p", { class: "fault" }, error.message)];
  }
  if (number !== shown) return;
  view.removeAttribute("aria-busy");
  view.replaceChildren(...found);
}

addEventListener("hashchange", show);
setInterval(() => {
  const name = location.hash.slice(1).split("/")[0] || "mail";
  if (FRESH.has(name) && document.visibilityState === "visible" && !view.contains(document.activeElement)) void show();
}, EVERY_MS);
void show();
