// Logs of all functions: by any text (a request id, a trace id, a user id), and live.
import { both } from "../language.js";
import { decoded, element, empty, logLine, read, say } from "../page.js";

const EVERY_MS = 2000, KEPT = 500;
let tail = null;

export function stopTail() {
  clearTimeout(tail);
  tail = null;
}

/** Why there is no line, and what would make one. */
const none = (text) => empty(text
  ? both("No matching lines in the last 30 minutes. Search for less text, or for none to see all lines.", "過去30分に一致する行はありません。検索する文字列を短くするか、空にするとすべて表示します。")
  : both("No lines in the last 30 minutes. Use the app: the functions that it calls write lines.", "過去30分のログはありません。アプリを操作すると、呼ばれた関数のログが表示されます。"));

export async function logs(argument = "") {
  stopTail();
  const text = decoded(argument);
  const field = element("input", { type: "search", value: text, placeholder: both("request id, trace id, any text", "リクエストID、トレースID、任意の文字列"), "aria-label": both("Text in the lines", "検索する文字列"), size: 40 });
  const live = element("input", { type: "checkbox", id: "live" });
  const form = element("form", { class: "bar-form", onsubmit: (event) => { event.preventDefault(); location.hash = `logs/${encodeURIComponent(field.value.trim())}`; } },
    field, element("button", { type: "submit" }, both("Search", "検索")), live, element("label", { for: "live" }, both("Live (new lines every two seconds)", "ライブ(2秒ごとに新しい行を追加)")));
  const found = await read(`/api/logs/search?${new URLSearchParams({ text })}`);
  const list = element("div", { class: "card", role: "log" }, ...(found.length ? found.map(logLine) : none(text)));
  const about = found.length ? empty(both("Of the last 30 minutes, the newest last.", "過去30分。新しい行ほど下に表示します。")) : [];
  let since = (found.at(-1)?.at ?? Date.now()) + 1;
  const follow = async () => {
    let fresh = [];
    try {
      fresh = await read(`/api/logs/search?${new URLSearchParams({ text, since })}`);
      say(both("Live: new lines are added below.", "ライブ: 新しい行を下に追加します。"));
    } catch (error) {
      say(`${error.message} ${both("Live asks again every two seconds.", "2秒ごとに再試行します。")}`);
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
  return [form, ...about, list];
}
