// Logs of all functions: by any text (a request id, a trace id, a user id), and live.
import { decoded, element, empty, logLine, read, say } from "../page.js";

const EVERY_MS = 2000, KEPT = 500;
let tail = null;

export function stopTail() {
  clearTimeout(tail);
  tail = null;
}

export async function logs(argument = "") {
  stopTail();
  const text = decoded(argument);
  const field = element("input", { type: "search", value: text, placeholder: "request id, trace id, any text", "aria-label": "Text in the lines", size: 40 });
  const live = element("input", { type: "checkbox", id: "live" });
  const form = element("form", { class: "bar-form", onsubmit: (event) => { event.preventDefault(); location.hash = `logs/${encodeURIComponent(field.value.trim())}`; } },
    field, element("button", { type: "submit" }, "Search"), live, element("label", { for: "live" }, "Live (new lines every two seconds)"));
  const found = await read(`/api/logs/search?${new URLSearchParams({ text })}`);
  const list = element("div", { class: "card", role: "log" }, ...(found.length ? found.map(logLine) : empty("No matching lines in the last 30 minutes.")));
  let since = (found.at(-1)?.at ?? Date.now()) + 1;
  const follow = async () => {
    let fresh = [];
    try {
      fresh = await read(`/api/logs/search?${new URLSearchParams({ text, since })}`);
      say("Live: new lines are added below.");
    } catch (error) {
      say(`${error.message} Live asks again every two seconds.`);
    }
    if (!live.checked || !list.isConnected) return;
    if (fresh.length) list.querySelector(".meta")?.remove();
    since = (fresh.at(-1)?.at ?? since - 1) + 1;
    list.append(...fresh.map(logLine));
    while (list.childElementCount > KEPT) list.firstElementChild.remove();
    if (fresh.length) list.lastElementChild.scrollIntoView({ block: "nearest" });
    tail = setTimeout(follow, EVERY_MS);
  };
  live.addEventListener("change", () => {
    stopTail();
    if (live.checked) void follow();
    else say("");
  });
  return [form, list];
}
