// Queues with their messages and the way back, streams with their lag, sockets, the mailbox.
import { clock, counted, decoded, element, empty, read, wide } from "../page.js";

export async function queues(name) {
  const all = await read("/api/queues");
  const filled = (one) => one.waiting + one.inFlight + one.delayed > 0;
  const rows = [...all.filter(filled), ...all.filter((one) => !filled(one))].map((one) => [
    element("a", { href: `#queues/${encodeURIComponent(one.name)}`, class: one.deadLetterOf.length && one.waiting ? "fault" : "" }, one.name),
    one.deadLetterOf.length ? `dead letters of ${one.deadLetterOf.join(", ")}` : "",
    one.waiting, one.inFlight, one.delayed,
  ]);
  const list = wide(["Queue", "Role", "Waiting", "In flight", "Delayed"], rows);
  if (!name) return [list];
  const chosen = all.find((one) => one.name === decoded(name));
  return chosen ? [...(await messages(chosen)), list] : [...empty(`No queue is named ${decoded(name)}.`), list];
}

async function messages(queue) {
  const found = await read(`/api/queues/${encodeURIComponent(queue.name)}/messages`);
  const status = element("p", { class: "meta", role: "status" }, `${queue.waiting} waiting; the first ${found.length}, which stay where they are:`);
  const back = element("button", { type: "button", onclick: async () => {
    back.disabled = true;
    try {
      const { moved } = await read(`/api/queues/${encodeURIComponent(queue.name)}/redrive`, { method: "POST" });
      status.textContent = `${counted(moved, "message")} went back to ${queue.deadLetterOf[0]}.`;
    } catch (error) {
      status.textContent = error.message;
    }
  } }, `Re-queue all to ${queue.deadLetterOf[0]}`);
  return [
    element("h2", {}, queue.name), status, queue.deadLetterOf.length === 1 && queue.waiting ? back : null,
    ...found.map((one) => element(
      "article", { class: "card" },
      one.attributes.reason ? element("p", { class: "fault" }, one.attributes.reason) : null,
      element("p", { class: "meta" }, `sent ${clock(Number(one.system.SentTimestamp))}, received ${counted(Number(one.system.ApproximateReceiveCount), "time")}`,
        ...Object.entries(one.attributes).filter(([key]) => key !== "reason").map(([key, value]) => `, ${key} ${value}`)),
      trace(one) ? element("a", { href: `#trace/${trace(one)}` }, "Its trace") : null,
      element("pre", {}, one.body),
    )),
  ].filter(Boolean);
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
  const mails = await read("/api/mails");
  if (!mails.length) return empty("No mail yet. Codes that Cognito sends arrive here.");
  return mails.map((one) => {
    const code = /\b\d{6}\b/.exec(one.body)?.[0];
    return element(
      "article", { class: "card" },
      element("h2", {}, one.subject || "(no subject)"),
      element("p", { class: "meta" }, `to ${one.to}`),
      code ? element("p", { class: "code" }, code) : null,
      element("pre", {}, one.body),
    );
  });
}
