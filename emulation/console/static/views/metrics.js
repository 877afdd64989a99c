// Alarms with their reasons, and the deployed dashboards as charts.
import { both } from "../language.js";
import { element, empty, read, table } from "../page.js";

const MINUTES = [15, 30, 60, 180];
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [440, 170, 48, 20, 8];
/** More lines than this in one chart cannot be told apart: the highest are drawn, all are in the table. */
const MOST_LINES = 6;
const DASHES = ["", "6 3", "2 2", "8 2 2 2", "1 3", "12 3"];
let minutes = 30;

export async function metrics() {
  const [alarms, dashboards] = await Promise.all([read("/api/alarms"), read(`/api/dashboards?minutes=${minutes}`)]);
  const boards = dashboards.flatMap((one) => [element("h2", { class: "above" }, one.name), board(one.widgets)]);
  return [...alarmCards(alarms), choice(), ...(boards.length ? boards : empty(both("No dashboard is deployed. `make up` deploys it.", "ダッシュボードがデプロイされていません。make up でデプロイできます。")))];
}

function alarmCards(alarms) {
  if (!alarms.length) return empty(both("No alarm is deployed. `make up` deploys them.", "アラームがデプロイされていません。make up でデプロイできます。"));
  const ringing = alarms.filter((one) => one.state === "ALARM");
  const silent = alarms.filter((one) => one.state === "INSUFFICIENT_DATA").length;
  const head = both(
    `${ringing.length} of ${alarms.length} alarms in alarm${silent ? `, ${silent} without data` : ""}`,
    `${alarms.length}件のアラームのうち${ringing.length}件が発報中${silent ? `、${silent}件はデータなし` : ""}`,
  );
  return [
    element("h2", { class: ringing.length ? "fault" : "" }, head),
    ringing.length
      ? element("div", { class: "wide" }, table(both(["Alarm", "Since", "What it means", "Reason"], ["アラーム", "開始", "意味", "理由"]), ringing.map((one) => [
          element("td", { class: "fault" }, one.name), one.since ? new Date(one.since).toLocaleTimeString([], { hour12: false }) : "",
          element("td", { class: "long" }, one.about), element("td", { class: "long" }, one.reason),
        ])))
      : null,
    element(
      "details", { class: "below" }, element("summary", {}, both(`All ${alarms.length} alarms`, `全${alarms.length}件のアラーム`)),
      table(both(["Alarm", "State", "Metric", "Reason"], ["アラーム", "状態", "メトリクス", "理由"]), alarms.map((one) => [one.name, state(one.state), one.metric, element("td", { class: "long" }, one.reason)])),
    ),
  ].filter(Boolean);
}

const state = (name) => element("span", { class: name === "ALARM" ? "fault" : name === "OK" ? "" : "meta" }, both(name.replaceAll("_", " ").toLowerCase(), { ALARM: "発報中", OK: "正常" }[name] ?? "データ不足"));

function choice() {
  const change = (event) => {
    minutes = Number(event.target.value);
    dispatchEvent(new Event("hashchange"));
  };
  const options = MINUTES.map((one) => element("option", { value: one, selected: one === minutes }, both(`the last ${one} minutes`, `過去${one}分`)));
  return element("div", { class: "bar-form" }, element("label", {}, both("Values of ", "期間: "), element("select", { onchange: change }, ...options)));
}

function board(widgets) {
  const quiet = widgets.filter((one) => !one.series.length).map((one) => one.title);
  return element(
    "div", {},
    element("div", { class: "charts" }, ...widgets.filter((one) => one.series.length).map(widget)),
    quiet.length ? element("p", { class: "meta" }, both(`Without a value in this time: ${quiet.join("; ")}. Use the app, or choose a longer time.`, `この期間に値がありません: ${quiet.join("、")}。アプリを操作するか、期間を長くしてください。`)) : null,
  );
}

function widget(one) {
  const title = element("h3", {}, one.title, " ", element("span", { class: "meta" }, one.stat));
  const peak = (series) => Math.max(...series.points.map(([, value]) => value));
  const sorted = [...one.series].sort((a, b) => peak(b) - peak(a));
  const last = (series) => series.points[series.points.length - 1][1];
  const rows = sorted.map((series) => [series.label, number(last(series)), number(peak(series))]);
  return element(
    "section", { class: "card" }, title, chart(one.title, sorted.slice(0, MOST_LINES)),
    element("details", {}, element("summary", {}, sorted.length > MOST_LINES ? both(`Values; ${MOST_LINES} of ${sorted.length} are drawn`, `値(${sorted.length}系列のうち${MOST_LINES}系列を描画)`) : both("Values", "値")),
      table(both(["Series", "Last", "Highest"], ["系列", "最新", "最大"]), rows)),
  );
}

const number = (value) => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

/** Screen readers get the title and the table. Lines differ by their dashes too, not by colour alone. */
function chart(title, series) {
  const end = Date.now() / 1000;
  const begin = end - minutes * 60;
  const most = Math.max(...series.flatMap((one) => one.points.map(([, value]) => value)), 0) || 1;
  const x = (at) => LEFT + ((at - begin) / (end - begin)) * (WIDTH - LEFT - 8);
  const y = (value) => HEIGHT - BOTTOM - (Math.max(value, 0) / most) * (HEIGHT - BOTTOM - TOP);
  const grid = [0, 0.5, 1].map((share) => element(
    "g", {},
    element("line", { class: "grid", x1: LEFT, x2: WIDTH - 8, y1: y(share * most), y2: y(share * most) }),
    element("text", { class: "small", x: LEFT - 6, y: y(share * most) + 4, "text-anchor": "end" }, String(number(share * most))),
  ));
  const times = [0, 0.5, 1].map((share) => element(
    "text", { class: "small", x: LEFT + share * (WIDTH - LEFT - 8), y: HEIGHT - 4, "text-anchor": ["start", "middle", "end"][share * 2] },
    new Date((begin + share * (end - begin)) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false }),
  ));
  const lines = series.map((one, at) => element(
    "g", { class: `series s${at}` },
    element("path", { class: "trend", "stroke-dasharray": DASHES[at], d: one.points.map(([when, value], place) => `${place ? "L" : "M"}${x(when).toFixed(1)} ${y(value).toFixed(1)}`).join("") }),
    ...(one.points.length < 12 ? one.points.map(([when, value]) => element("circle", { cx: x(when).toFixed(1), cy: y(value).toFixed(1), r: 2.5 })) : []),
  ));
  const keys = series.map((one, at) => element("li", { class: `s${at}` }, one.label));
  return element(
    "div", {},
    element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title, class: "trends" }, ...grid, ...times, ...lines),
    element("ul", { class: "keys" }, ...keys),
  );
}
