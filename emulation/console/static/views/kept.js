// What was pushed to which device, and the states that were saved.
import { clock, element, empty, read, table } from "../page.js";

const PLATFORMS = { GCM: "Android", APNS: "Apple", APNS_SANDBOX: "Apple, sandbox" };

export async function pushes() {
  const all = await read("/api/pushes");
  if (!all.length) return empty("No pushes since the push service started.");
  const rows = all.map((one) => [
    clock(Date.parse(one.at)), one.channel === "phone" ? `phone (${PLATFORMS[one.platform] ?? one.platform})` : "browser", element("code", {}, one.device),
    element("td", {}, one.title ?? element("span", { class: "meta" }, one.channel === "phone" ? "shows nothing: it closes or corrects one" : "encrypted: only the browser can read it")),
    one.tag ?? "", one.urgency ?? "", one.ttl ? `${one.ttl} s` : "", outcome(one),
    one.trace ? element("a", { href: `#trace/${one.trace}` }, "Its trace") : "",
  ]);
  return [
    element("p", { class: "meta" }, "The last 200 to browsers, by their push service, and the last 200 to phones, by SNS. A device is a digest of its subscription or endpoint; addresses, tokens, keys and texts are not shown."),
    element("div", { class: "wide" }, table(["Time", "To", "Device", "Title", "Tag", "Urgency", "Kept for", "Outcome", ""], rows)),
  ];
}

function outcome(one) {
  if (one.channel === "phone") return "SNS has it";
  if (one.error) return element("span", { class: "fault" }, one.error);
  return one.takenAt ? `the browser has it, ${clock(Date.parse(one.takenAt))}` : one.title ? "decrypted" : "waits for the browser";
}

export async function saves() {
  const all = await read("/api/saves");
  if (!all.length) return empty("No state is saved. `make save NAME=full` saves one and stops the network; `make load-state NAME=full` restores it.");
  const rows = all.map((one) => [
    one.name, new Date(one.at).toLocaleString(), element("td", { class: "number" }, `${(one.size / 1e6).toFixed(1)} MB`),
    element("code", {}, `make load-state NAME=${one.name}`),
  ]);
  return [
    element("p", { class: "meta" }, "Saving and restoring stop the network and this page, so run them in a terminal."),
    element("div", { class: "wide" }, table(["Name", "Saved", "Size", "Restore"], rows)),
  ];
}
