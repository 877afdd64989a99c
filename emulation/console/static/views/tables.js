// Tables with what was asked of them, what was throttled, and the partition keys asked for most.
import { element, failure, read, table } from "../page.js";

export async function tables() {
  const [all, keys] = await Promise.all([read("/api/tables"), read("/api/tables/keys")]);
  return [counting(keys), ...all.map((one) => card(one, keys))];
}

function counting(keys) {
  const press = (method) => async (event) => {
    try {
      await read("/api/tables/keys", { method });
      dispatchEvent(new Event("hashchange"));
    } catch (error) {
      event.target.parentElement.replaceChildren(event.target, failure(error));
    }
  };
  const said = keys.running
    ? "Hot keys are being counted. Counting reads each request a second time, so stop it after use."
    : "Hot keys are not counted now.";
  const buttons = keys.running
    ? [element("button", { type: "button", onclick: press("PUT") }, "Reset the counts"), element("button", { type: "button", onclick: press("DELETE") }, "Stop counting")]
    : [element("button", { type: "button", onclick: press("PUT") }, "Count hot keys")];
  return element("div", { class: "bar-form" }, element("span", { class: "meta", role: "status" }, said), ...buttons);
}

function card(one, keys) {
  const facts = [
    `${one.items} items`, `${Math.round(one.bytes / 1024)} kB`, `keys ${one.keys.join(", ")}`,
    ...Object.entries(one.indexes).map(([name, names]) => `${name} (${names.join(", ")})`), one.stream ? `stream ${one.stream}` : "no stream",
  ];
  return element(
    "section", { class: "card" },
    element("h2", {}, one.name),
    element("p", { class: "meta" }, facts.join(" · ")),
    one.throttles ? element("p", { class: "fault" }, `${one.throttles} requests throttled in the last 30 minutes`) : null,
    one.calls.length
      ? table(["Operation", "Calls", "p50 ms", "p95 ms", "Errors", "Throttled"], one.calls.map((call) => [call.operation, call.count, call.p50, call.p95, call.errors, call.throttled]), "In the kept traces of the last 30 minutes")
      : element("p", { class: "meta" }, "No call in the kept traces of the last 30 minutes."),
    hot(keys.tables[one.name]),
  );
}

function hot(rows) {
  if (!rows?.length) return null;
  const share = (value) => element("td", { class: "number" }, element("meter", { min: 0, max: 1, value, "aria-hidden": "true" }), ` ${(value * 100).toFixed(1)} %`);
  return table(["Partition key", "Reads", "Writes", "Of the table's requests"], rows.map((row) => [element("code", {}, row.key), row.reads, row.writes, share(row.share)]), "Most requested keys");
}
