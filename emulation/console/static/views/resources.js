// Queues with their messages and the way back, streams with their lag, sockets, the mailbox.
import { clock, counted, decoded, element, empty, failure, read, say, wide } from "../page.js";

const MAILS = 20;
let shown = MAILS;

export async function queues(name) {
  const all = await read("/api/queues");
  const filled = (one) => one.waiting + one.inFlight + one.delayed > 0;
  const rows = [...all.filter(filled), ...all.filter((one) => !filled(one))].map((one) => [
    element("a", { href: `#queues/${encodeURIComponent(one.name)}`, class: holdsFailures(one) && one.waiting ? "fault" : "" }, one.name),
    role(one),
    one.waiting, one.inFlight, one.delayed,
  ]);
  const list = wide(["Queue", "Role", "Waiting", "In flight", "Delayed"], rows);
  if (!name) return [list];
  const chosen = all.find((one) => one.name === decoded(name));
  return chosen ? [...(await messages(chosen)), list] : [...empty(`No queue is named ${decoded(name)}.`), list];
}

const holdsFailures = (queue) => queue.deadLetterOf.length + queue.failuresOf.length > 0;

function role(queue) {
  if (queue.deadLetterOf.length) return `dead letters of ${queue.deadLetterOf.join(", ")}`;
  if (queue.failuresOf.length) return `batches and events that ${queue.failuresOf.join(", ")} failed on`;
  return queue.readBy.length ? `read by ${queue.readBy.join(", ")}` : "";
}

async function messages(queue) {
  const found = await read(`/api/queues/${encodeURIComponent(queue.name)}/messages`);
  const held = found.length ? `${queue.waiting} waiting; the first ${found.length}, which stay where they are:` : "No message waits here.";
  let isMoving = false;
  const back = element("button", { type: "button", onclick: async () => {
    // A disabled button would lose the keyboard's place.
    if (isMoving) return;
    isMoving = true;
    try {
      const { moved } = await read(`/api/queues/${encodeURIComponent(queue.name)}/redrive`, { method: "POST" });
      dispatchEvent(new Event("hashchange"));
      say(`${counted(moved, "message")} went back to ${queue.deadLetterOf[0]}.`);
    } catch (error) {
      isMoving = false;
      back.parentElement.querySelector("[role=alert]")?.remove();
      back.after(failure(error));
    }
  } }, `Re-queue all to ${queue.deadLetterOf[0]}`);
  return [
    element("h2", {}, queue.name), ...(queue.failuresOf.length ? records(queue) : []), element("p", { class: "meta" }, held),
    queue.deadLetterOf.length === 1 && queue.waiting ? back : null,
    ...found.map((one) => element(
      "article", { class: "card" },
      reason(one) ? element("p", { class: "fault" }, reason(one)) : null,
      element("p", { class: "meta" }, `sent ${clock(Number(one.system.SentTimestamp))}, received ${counted(Number(one.system.ApproximateReceiveCount), "time")}`,
        ...Object.entries(one.attributes).filter(([key]) => key !== "reason").map(([key, value]) => `, ${key} ${value}`)),
      trace(one) ? element("a", { href: `#trace/${trace(one)}` }, "Its trace") : null,
      element("pre", {}, one.body),
    )),
  ].filter(Boolean);
}

/** What an on-failure destination holds. */
const records = (queue) => [
  element("p", { class: "meta" }, `When ${queue.failuresOf.join(" or ")} fails on a batch of a stream or on an event, and all retries fail too, Lambda puts a record here: why it gave up, and where in the stream the batch is, or the event itself. The stream goes on with the next batch. `,
    element("code", {}, "make redrive"), " lists the records and invokes the function with them again."),
];

/** As the consumer wrote it; of Lambda's records the condition and the function's error. */
function reason(message) {
  if (message.attributes.reason) return message.attributes.reason;
  try {
    const { requestContext: told, responsePayload: answer } = JSON.parse(message.body);
    const failed = [answer?.errorType, answer?.errorMessage].filter(Boolean).join(": ");
    return [`${told.condition} after ${counted(told.approximateInvokeCount, "call")} of ${told.functionArn.split(":")[6]}`, failed].filter(Boolean).join(": ");
  } catch {
    return null;
  }
}

/** The id in the header that an event carries, or a message that a function sent. */
const trace = (one) => /1-[0-9a-f]{8}-[0-9a-f]{24}/.exec(one.attributes.trace ?? one.system.AWSTraceHeader ?? "")?.[0];

export async function streams() {
  const all = await read("/api/streams");
  if (!all.length) return empty("No event source mapping reads a stream.");
  const rows = all.flatMap((one) => one.shards.map((shard) => [
    one.source.split("/")[1] ?? one.source, one.function,
    ...["lagMilliseconds", "pending", "processed", "failedInvocations", "discarded"].map((name) => shard[name]),
    element("td", { class: "fault long" }, (one.problem ?? shard.lastError ?? "").slice(0, 240)),
  ]));
  return [wide(["Stream", "Consumer", "Behind (ms)", "Unfinished", "Processed", "Failed calls", "Given up", "Last error"], rows)];
}

export async function sockets() {
  const all = await read("/api/sockets");
  if (!all.length) return empty("No socket is open.");
  const rows = all.map((one) => [one.device, one.client, one.api, one.seconds, one.received, one.sent]);
  return [wide(["Device", "Address", "API", "Open (s)", "Messages from it", "Frames to it"], rows)];
}

export async function mail() {
  // One more than is shown tells whether there are older ones.
  const mails = await read(`/api/mails?most=${shown + 1}`);
  if (!mails.length) return empty("No mail yet. Sign up or reset a password in the app: the code that Cognito sends arrives here.");
  const older = element("button", { type: "button", onclick: () => {
    shown += MAILS;
    dispatchEvent(new Event("hashchange"));
  } }, "Show older mails");
  return [...mails.slice(0, shown).map(letter), mails.length > shown ? older : null].filter(Boolean);
}

function letter(one) {
  const code = /\b\d{6}\b/.exec(one.body)?.[0];
  return element(
    "article", { class: "card" },
    element("h2", {}, one.subject || "(no subject)"),
    element("p", { class: "meta" }, `to ${one.to}${one.at ? `, ${when(one.at)}` : ""}`),
    code ? element("p", { class: "code" }, code) : null,
    element("pre", {}, one.body),
  );
}

/** Epoch seconds, or a date as text. */
const when = (at) => new Date(typeof at === "number" ? at * 1000 : at).toLocaleString([], { hour12: false });
