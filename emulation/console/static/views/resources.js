// Queues with their messages and the way back, streams with their lag, sockets, the mailbox.
import { both } from "../language.js";
import { clock, counted, decoded, element, empty, failure, read, say, wide } from "../page.js";

const MAILS = 20;
let shown = MAILS;

export async function queues(name) {
  const all = await read("/api/queues");
  if (!all.length) return empty(both("No queue is deployed. `make up` deploys them.", "キューがデプロイされていません。make up でデプロイできます。"));
  const filled = (one) => one.waiting + one.inFlight + one.delayed > 0;
  const rows = [...all.filter(filled), ...all.filter((one) => !filled(one))].map((one) => [
    element("a", { href: `#queues/${encodeURIComponent(one.name)}`, class: holdsFailures(one) && one.waiting ? "fault" : "" }, one.name),
    role(one),
    one.waiting, one.inFlight, one.delayed,
  ]);
  const list = wide(both(["Queue", "Role", "Waiting", "In flight", "Delayed"], ["キュー", "役割", "待機中", "処理中", "遅延中"]), rows);
  if (!name) return [list];
  const chosen = all.find((one) => one.name === decoded(name));
  return chosen ? [...(await messages(chosen)), list] : [...empty(both(`No queue is named ${decoded(name)}. Choose one of these.`, `キュー ${decoded(name)} はありません。下の一覧から選んでください。`)), list];
}

const holdsFailures = (queue) => queue.deadLetterOf.length + queue.failuresOf.length > 0;

function role(queue) {
  if (queue.deadLetterOf.length) return both(`dead letters of ${queue.deadLetterOf.join(", ")}`, `${queue.deadLetterOf.join("、")} のDLQ`);
  if (queue.failuresOf.length) return both(`batches and events that ${queue.failuresOf.join(", ")} failed on`, `${queue.failuresOf.join("、")} が処理に失敗したバッチとイベント`);
  return queue.readBy.length ? both(`read by ${queue.readBy.join(", ")}`, `${queue.readBy.join("、")} が読む`) : "";
}

async function messages(queue) {
  const found = await read(`/api/queues/${encodeURIComponent(queue.name)}/messages`);
  const held = found.length
    ? both(`${queue.waiting} waiting; the first ${found.length}, which stay where they are:`, `待機中${queue.waiting}件。先頭の${found.length}件(キューに残ります):`)
    : waiting(queue);
  let isMoving = false;
  const back = element("button", { type: "button", onclick: async () => {
    // A disabled button would lose the keyboard's place.
    if (isMoving) return;
    isMoving = true;
    try {
      const { moved } = await read(`/api/queues/${encodeURIComponent(queue.name)}/redrive`, { method: "POST" });
      dispatchEvent(new Event("hashchange"));
      say(both(`${counted(moved, "message")} went back to ${queue.deadLetterOf[0]}.`, `${moved}件を ${queue.deadLetterOf[0]} に戻しました。`));
    } catch (error) {
      isMoving = false;
      back.parentElement.querySelector("[role=alert]")?.remove();
      back.after(failure(error));
    }
  } }, both(`Re-queue all to ${queue.deadLetterOf[0]}`, `すべて ${queue.deadLetterOf[0]} に戻す`));
  return [
    element("h2", {}, queue.name), ...(queue.failuresOf.length ? records(queue) : []), element("p", { class: "meta" }, held),
    queue.deadLetterOf.length === 1 && queue.waiting ? back : null,
    ...found.map((one) => element(
      "article", { class: "card" },
      reason(one) ? element("p", { class: "fault" }, reason(one)) : null,
      element("p", { class: "meta" }, both(`sent ${clock(Number(one.system.SentTimestamp))}, received ${counted(Number(one.system.ApproximateReceiveCount), "time")}`, `送信 ${clock(Number(one.system.SentTimestamp))}、受信${one.system.ApproximateReceiveCount}回`),
        ...Object.entries(one.attributes).filter(([key]) => key !== "reason").map(([key, value]) => `, ${key} ${value}`)),
      trace(one) ? element("a", { href: `#trace/${trace(one)}` }, both("Its trace", "トレース")) : null,
      element("pre", {}, one.body),
    )),
  ].filter(Boolean);
}

/** Why nothing waits, and what would. */
function waiting(queue) {
  if (queue.inFlight || queue.delayed) return both(`No message waits here: ${queue.inFlight} in flight, ${queue.delayed} delayed.`, `待機中のメッセージはありません(処理中${queue.inFlight}件、遅延中${queue.delayed}件)。`);
  return holdsFailures(queue)
    ? both("No message waits here: nothing has failed for good. A drill of poison messages (Drills) makes one.", "待機中のメッセージはありません。処理に失敗し続けたものがないためです。「訓練」の「処理できないメッセージ」で発生させられます。")
    : both("No message waits here: its reader takes each within moments.", "待機中のメッセージはありません。届くとすぐに処理されます。");
}

/** What an on-failure destination holds. */
const records = (queue) => [
  element("p", { class: "meta" },
    both(
      `When ${queue.failuresOf.join(" or ")} fails on a batch of a stream or on an event, and all retries fail too, Lambda puts a record here: why it gave up, and where in the stream the batch is, or the event itself. The stream goes on with the next batch. `,
      `${queue.failuresOf.join("、")} がストリームのバッチまたはイベントの処理に失敗し、再試行もすべて失敗すると、Lambdaがここに記録を置きます。記録には失敗の理由と、ストリーム内のバッチの位置またはイベント自体が入ります。ストリームは次のバッチに進みます。`,
    ),
    element("code", {}, "make redrive"),
    both(" lists the records and invokes the function with them again.", " で記録を一覧表示し、関数を再実行できます。")),
];

/** As the consumer wrote it; of Lambda's records the condition and the function's error. */
function reason(message) {
  if (message.attributes.reason) return message.attributes.reason;
  try {
    const { requestContext: told, responsePayload: answer } = JSON.parse(message.body);
    const failed = [answer?.errorType, answer?.errorMessage].filter(Boolean).join(": ");
    return [both(`${told.condition} after ${counted(told.approximateInvokeCount, "call")} of ${told.functionArn.split(":")[6]}`, `${told.condition}(${told.functionArn.split(":")[6]} を${told.approximateInvokeCount}回呼び出し後)`), failed].filter(Boolean).join(": ");
  } catch {
    return null;
  }
}

/** The id in the header that an event carries, or a message that a function sent. */
const trace = (one) => /1-[0-9a-f]{8}-[0-9a-f]{24}/.exec(one.attributes.trace ?? one.system.AWSTraceHeader ?? "")?.[0];

/** A stream of Kinesis has a row for each shard: they would look the same. */
function kind(mapping, shard) {
  if (mapping.source.split(":")[2] !== "kinesis") return "DynamoDB";
  const number = Number(shard.shardId.split("-").at(-1));
  return both(`Kinesis, shard ${number}`, `Kinesis シャード${number}`);
}

export async function streams() {
  const all = await read("/api/streams");
  if (!all.length) return empty(both("No event source mapping reads a stream. `make up` deploys them.", "ストリームを読むイベントソースマッピングがありません。make up でデプロイできます。"));
  const rows = all.flatMap((one) => one.shards.map((shard) => [
    one.source.split("/")[1] ?? one.source, kind(one, shard), one.function,
    ...["lagMilliseconds", "pending", "processed", "failedInvocations", "discarded"].map((name) => shard[name]),
    element("td", { class: one.problem || shard.pending ? "fault long" : "long" }, (one.problem ?? shard.lastError ?? "").slice(0, 240)),
  ]));
  return [wide(both(["Stream", "Kind", "Consumer", "Behind (ms)", "Unfinished", "Processed", "Failed calls", "Given up", "Last error"], ["ストリーム", "種類", "コンシューマー", "遅れ (ms)", "未処理", "処理済み", "失敗した呼び出し", "断念", "最後のエラー"]), rows)];
}

export async function sockets() {
  const all = await read("/api/sockets");
  if (!all.length) return empty(both("No socket is open. Open the app in a browser and sign in: its page keeps one.", "開いているソケットはありません。ブラウザーでアプリを開いてログインすると、ページがソケットを1つ保ちます。"));
  const rows = all.map((one) => [one.device, one.client, one.api, one.seconds, one.received, one.sent]);
  return [wide(both(["Device", "Address", "API", "Open (s)", "Messages from it", "Frames to it"], ["端末", "アドレス", "API", "接続時間 (秒)", "端末からのメッセージ", "端末へのフレーム"]), rows)];
}

export async function mail() {
  // One more than is shown tells whether there are older ones.
  const mails = await read(`/api/mails?most=${shown + 1}`);
  if (!mails.length) return empty(both("No mail yet. Sign up or reset a password in the app: the code that Cognito sends arrives here.", "メールはまだありません。アプリで登録またはパスワードの再設定をすると、Cognitoが送る確認コードがここに届きます。"));
  const older = element("button", { type: "button", onclick: () => {
    shown += MAILS;
    dispatchEvent(new Event("hashchange"));
  } }, both("Show older mails", "以前のメールを表示"));
  return [...mails.slice(0, shown).map(letter), mails.length > shown ? older : null].filter(Boolean);
}

function letter(one) {
  const code = /\b\d{6}\b/.exec(one.body)?.[0];
  return element(
    "article", { class: "card" },
    element("h2", {}, one.subject || both("(no subject)", "(件名なし)")),
    element("p", { class: "meta" }, both(`to ${one.to}, ${when(one.at)}`, `宛先 ${one.to}、${when(one.at)}`)),
    code ? element("p", { class: "code" }, code) : null,
    element("pre", {}, one.body),
  );
}

const when = (epochSeconds) => new Date(epochSeconds * 1000).toLocaleString([], { hour12: false });
