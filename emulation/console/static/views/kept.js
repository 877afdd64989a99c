// What was pushed to which device, and the states that were saved.
import { both } from "../language.js";
import { clock, element, empty, read, table } from "../page.js";

const PLATFORMS = { GCM: "Android", APNS: "Apple", APNS_SANDBOX: "Apple, sandbox" };

export async function pushes() {
  const all = await read("/api/pushes");
  if (!all.length) return empty(both(
    "No pushes since the push service started. In the app, turn on push notifications in the settings, close its page, and let another person mention you.",
    "プッシュサービスの起動後、プッシュはありません。アプリの設定でプッシュ通知を有効にし、ページを閉じて、別の人からメンションしてください。",
  ));
  const rows = all.map((one) => [
    clock(Date.parse(one.at)), one.channel === "phone" ? both(`phone (${PLATFORMS[one.platform] ?? one.platform})`, `スマートフォン(${PLATFORMS[one.platform] ?? one.platform})`) : both("browser", "ブラウザー"), element("code", {}, one.device),
    element("td", {}, one.title ?? element("span", { class: "meta" }, one.channel === "phone" ? both("shows nothing: it closes or corrects one", "表示なし: 既存の通知を閉じる、または訂正するもの") : both("encrypted: only the browser can read it", "暗号化: ブラウザーだけが読めます"))),
    one.tag ?? "", one.urgency ?? "", one.ttl ? `${one.ttl} s` : "", outcome(one),
    one.trace ? element("a", { href: `#trace/${one.trace}` }, both("Its trace", "トレース")) : "",
  ]);
  return [
    element("p", { class: "meta" }, both(
      "The last 200 to browsers, by their push service, and the last 200 to phones, by SNS. A device is a digest of its subscription or endpoint; addresses, tokens, keys and texts are not shown.",
      "ブラウザー宛て(プッシュサービス経由)とスマートフォン宛て(SNS経由)の最新200件ずつ。端末は購読またはエンドポイントのダイジェストで示し、アドレス、トークン、キー、本文は表示しません。",
    )),
    element("div", { class: "wide" }, table(both(["Time", "To", "Device", "Title", "Tag", "Urgency", "Kept for", "Outcome", ""], ["時刻", "宛先", "端末", "タイトル", "タグ", "緊急度", "保持", "結果", ""]), rows)),
  ];
}

function outcome(one) {
  if (one.channel === "phone") return both("SNS has it", "SNSが受理");
  if (one.error) return element("span", { class: "fault" }, one.error);
  return one.takenAt ? both(`the browser has it, ${clock(Date.parse(one.takenAt))}`, `ブラウザーが受信(${clock(Date.parse(one.takenAt))})`) : one.title ? both("decrypted", "復号済み") : both("waits for the browser", "ブラウザーを待機中");
}

export async function saves() {
  const all = await read("/api/saves");
  if (!all.length) return empty(both(
    "No state is saved. `make save NAME=full` saves one and stops the network; `make load-state NAME=full` restores it.",
    "保存した状態はありません。make save NAME=full で保存できます(ネットワークは一度停止します)。make load-state NAME=full で復元します。",
  ));
  const rows = all.map((one) => [
    one.name, new Date(one.at).toLocaleString(), element("td", { class: "number" }, `${(one.size / 1e6).toFixed(1)} MB`),
    element("code", {}, `make load-state NAME=${one.name}`),
  ]);
  return [
    element("p", { class: "meta" }, both("Saving and restoring stop the network and this page, so run them in a terminal.", "保存と復元ではネットワークとこのページが停止するため、ターミナルで実行してください。")),
    element("div", { class: "wide" }, table(both(["Name", "Saved", "Size", "Restore"], ["名前", "保存日時", "サイズ", "復元"]), rows)),
  ];
}
