// Answers of the access logs: a chart of each, and its table.
import { both, language } from "../language.js";
import { element, empty, read, table } from "../page.js";

const HOURS = [1, 6, 24, 168];
const [WIDTH, NAMES, ROW, BAR] = [900, 330, 24, 16];
const MOST_BARS = 10;
const LETTERS = 46;
let hours = 24;

export async function access() {
  const { answers } = await read(`/api/access-logs?hours=${hours}`);
  if (!answers.length) return empty(both("No access log queries are configured: EMULATION_ACCESS_LOGS sets the command that answers them. `make up` sets it, the Compose target does not.", "アクセスログのクエリが設定されていません。実行するコマンドは EMULATION_ACCESS_LOGS で指定します(make up では設定され、Composeでは設定されません)。"));
  return [choice(), ...answers.map(card)];
}

function choice() {
  const change = (event) => {
    hours = Number(event.target.value);
    dispatchEvent(new Event("hashchange"));
  };
  const options = HOURS.map((one) => element("option", { value: one, selected: one === hours }, both(one === 1 ? "the last hour" : `the last ${one} hours`, `過去${one}時間`)));
  return element("div", { class: "bar-form" }, element("label", {}, both("Requests of ", "期間: "), element("select", { onchange: change }, ...options)));
}

function card(answer) {
  const at = (name) => answer.columns.indexOf(name);
  const heads = answer.columns.map((name) => name.replaceAll("_", " "));
  const title = element("h2", {}, answer[language()]);
  if (!answer.rows.length) return element("section", { class: "card" }, title, element("p", { class: "meta" }, both("No matching requests in this period. Use the app, or choose a longer one.", "この期間に該当するリクエストはありません。アプリを操作するか、期間を長くしてください。")));
  const bars = answer.rows.slice(0, MOST_BARS).map((row) => ({ name: String(row[at(answer.label)]), value: Number(row[at(answer.value)] ?? 0) }));
  const rows = answer.rows.map((row) => row.map((cell) => cell ?? "–"));
  return element("section", { class: "card" }, title, chart(answer, bars), element("details", {}, element("summary", {}, both(rows.length === 1 ? "All columns of the one row" : `All columns of the ${rows.length} rows`, `全列(${rows.length}行)`)), table(heads, rows)));
}

/** Horizontal bars. Screen readers get one sentence a bar; the table has the rest. */
function chart(answer, bars) {
  const most = answer.unit === "%" ? 100 : Math.max(...bars.map((one) => one.value), 1e-9);
  const unit = answer.unit ? ` ${answer.unit}` : "";
  const longest = WIDTH - NAMES - 110;
  const drawn = bars.map(({ name, value }, number) => {
    const top = number * ROW;
    const said = `${value.toLocaleString("en")}${unit}`;
    return element(
      "g", { role: "listitem", "aria-label": `${name}: ${said}` },
      element("title", {}, `${name}: ${said}`),
      element("text", { x: NAMES - 8, y: top + BAR - 3, "text-anchor": "end" }, name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name),
      element("rect", { class: "amount", x: NAMES, y: top, width: Math.max((value / most) * longest, 1), height: BAR, rx: 2 }),
      element("text", { class: "small", x: NAMES + (value / most) * longest + 6, y: top + BAR - 3 }, said),
    );
  });
  return element(
    "svg", { viewBox: `0 0 ${WIDTH} ${bars.length * ROW}`, role: "list", "aria-label": `${answer[language()]} ${answer.value.replaceAll("_", " ")} by ${answer.label}`, class: "bars" },
    ...drawn,
  );
}
