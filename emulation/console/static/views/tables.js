// Tables with what was asked of them, what was throttled, and the partition keys asked for most.
import { both } from "../language.js";
import { element, empty, failure, read, table } from "../page.js";

export async function tables() {
  const [all, keys] = await Promise.all([read("/api/tables"), read("/api/tables/keys")]);
  if (!all.length) return empty(both("No table is deployed. `make up` deploys them.", "テーブルがデプロイされていません。make up でデプロイできます。"));
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
    ? both("Hot keys are being counted. Counting reads each request a second time, so stop it after use.", "ホットキーを計測中です。計測は各リクエストをもう一度読むため、使い終えたら停止してください。")
    : both("Hot keys are not counted now.", "ホットキーは計測していません。");
  const buttons = keys.running
    ? [element("button", { type: "button", onclick: press("PUT") }, both("Reset the counts", "計測をやり直す")), element("button", { type: "button", onclick: press("DELETE") }, both("Stop counting", "計測を停止"))]
    : [element("button", { type: "button", onclick: press("PUT") }, both("Count hot keys", "ホットキーを計測"))];
  return element("div", { class: "bar-form" }, element("span", { class: "meta", role: "status" }, said), ...buttons);
}

function card(one, keys) {
  const facts = [
    both(`${one.items} items`, `${one.items}項目`), `${Math.round(one.bytes / 1024)} kB`, both(`keys ${one.keys.join(", ")}`, `キー ${one.keys.join(", ")}`),
    ...Object.entries(one.indexes).map(([name, names]) => `${name} (${names.join(", ")})`), one.stream ? both(`stream ${one.stream}`, `ストリーム ${one.stream}`) : both("no stream", "ストリームなし"),
  ];
  return element(
    "section", { class: "card" },
    element("h2", {}, one.name),
    element("p", { class: "meta" }, facts.join(" · ")),
    one.throttles ? element("p", { class: "fault" }, both(`${one.throttles} requests throttled in the last 30 minutes`, `過去30分に${one.throttles}件のリクエストがスロットリング`)) : null,
    one.calls.length
      ? table(both(["Operation", "Calls", "p50 ms", "p95 ms", "Errors", "Throttled"], ["操作", "回数", "p50 ms", "p95 ms", "エラー", "スロットリング"]), one.calls.map((call) => [call.operation, call.count, call.p50, call.p95, call.errors, call.throttled]), both("In the kept traces of the last 30 minutes", "過去30分の保持中のトレース"))
      : element("p", { class: "meta" }, both("No call in the kept traces of the last 30 minutes. Use the app to make some.", "過去30分の保持中のトレースに呼び出しはありません。アプリを操作すると表示されます。")),
    hot(keys.tables[one.name]),
  );
}

function hot(rows) {
  if (!rows?.length) return null;
  const share = (value) => element("td", { class: "number" }, element("meter", { min: 0, max: 1, value, "aria-hidden": "true" }), ` ${(value * 100).toFixed(1)} %`);
  return table(both(["Partition key", "Reads", "Writes", "Of the table's requests"], ["パーティションキー", "読み取り", "書き込み", "テーブルのリクエストに占める割合"]), rows.map((row) => [element("code", {}, row.key), row.reads, row.writes, share(row.share)]), both("Most requested keys", "最も多いキー"));
}
