// Drills of the app: what each does and how long it takes, a button for each, and the lines of the one that runs.
import { language } from "../language.js";
import { element, empty, read } from "../page.js";

const EVERY_MS = 500;
const TEXTS = {
  en: {
    about: "A drill breaks something on purpose from outside, says what it expects and what it observes, and restores it. One at a time.",
    none: "No drills are configured: EMULATION_DRILLS sets the command that runs them.",
    seconds: (number) => `about ${number} s`,
    took: (number) => `after ${number} s`,
    start: "Start",
    stop: "Stop and restore",
    clock: (number, about) => about ? `${number} s of about ${about} s` : `${number} s`,
    expected: "expected",
    observed: "observed",
    watch: "Watch",
    outcomes: {
      running: () => "is running…",
      holds: (all) => `all ${all} lines are as expected`,
      differs: (all, missed) => `${missed} of ${all} lines differ`,
      "not here": () => "cannot be played here",
      stopped: () => "stopped; what it broke is restored",
      failed: () => "its program ended unexpectedly",
    },
  },
  ja: {
    about: "訓練は、外側から意図的に障害を起こし、期待と結果を並べて表示し、元に戻します。同時に実行できるのは1つです。",
    none: "この環境では訓練を実行できません(訓練を実行するコマンドは EMULATION_DRILLS で指定します)。",
    seconds: (number) => `約${number}秒`,
    took: (number) => `所要${number}秒`,
    start: "開始",
    stop: "中止して復旧",
    clock: (number, about) => about ? `経過${number}秒 / 約${about}秒` : `経過${number}秒`,
    expected: "期待",
    observed: "結果",
    watch: "見どころ",
    outcomes: {
      running: () => "実行中…",
      holds: (all) => `全${all}項目が期待どおりです`,
      differs: (all, missed) => `${all}項目中${missed}項目が期待と異なります`,
      "not here": () => "この環境では実行できません",
      stopped: () => "中止しました。障害は復旧済みです",
      failed: () => "訓練のプログラムが異常終了しました",
    },
  },
};

export async function drills() {
  const { drills: all, run } = await read("/api/drills");
  if (!all.length) return empty(TEXTS[language()].none);
  const place = element("div");
  draw(place, all, run);
  return [place];
}

/** All of the view in the chosen language. */
function draw(place, all, run) {
  const chosen = language();
  const words = TEXTS[chosen];
  const panel = panelOf(all, chosen);
  const buttons = all.map((drill) => element("button", {
    type: "button", "aria-label": `${words.start}: ${drill.title[chosen]}`,
    onclick: () => command(`/api/drills/${drill.name}`, "POST"),
  }, `▶ ${words.start}`));
  const list = all.map((drill, index) => element(
    "article", { class: "card drill" },
    element("h2", {}, drill.title[chosen], element("span", { class: "meta" }, ` ${drill.name} · ${words.seconds(drill.seconds)}`)),
    ...told(drill, chosen),
    buttons[index],
  ));
  panel.stop.addEventListener("click", () => command("/api/drills/run", "DELETE"));
  const view = element("div", {}, element("p", { class: "meta" }, words.about), panel.node, ...list);
  let timer;
  let last = run;
  place.replaceChildren(view);
  show(run);

  async function command(url, method) {
    for (const button of buttons) button.disabled = true;
    try {
      show(await read(url, { method }));
    } catch (error) {
      show(last);
      panel.say(error.message);
    }
    panel.focus();
  }

  /** The run as it is now; asked for again until it has ended or the view was left. */
  function show(now) {
    last = now;
    const running = now?.outcome === "running";
    for (const button of buttons) button.disabled = running;
    panel.show(now);
    clearTimeout(timer);
    if (running) timer = setTimeout(follow, EVERY_MS);
  }

  async function follow() {
    if (!view.isConnected) return;
    try {
      show(await read("/api/drills/run"));
    } catch (error) {
      panel.say(error.message);
    }
  }
}

/** What it does, and where that shows; a program of drills may leave out the second. */
const told = (drill, chosen) => [
  element("p", {}, drill.story[chosen]),
  drill.watch ? element("p", {}, element("b", {}, `${TEXTS[chosen].watch}: `), drill.watch[chosen]) : null,
];

/** Where a run is told. Lines are added, so that a screen reader hears each once. */
function panelOf(all, chosen) {
  const words = TEXTS[chosen];
  // It takes the focus when a run begins, which brings the panel to who pressed a button far below it. Not the section:
  // a wide one takes the Tab key, others do not (`letKeysScroll`).
  const title = element("h2", { tabindex: "-1" });
  const status = element("p", { role: "status" });
  const about = element("div");
  const lines = element("ol", { "aria-live": "polite" });
  const remarks = element("pre", { class: "meta" });
  const stop = element("button", { type: "button" }, words.stop);
  // Beside the status, which is read aloud: it changes twice a second.
  const clock = element("span", { class: "meta" });
  const running = element("p", {}, stop, " ", clock);
  const node = element("section", { class: "card drill", hidden: true }, title, about, status, running, lines, remarks);
  const line = (one) => element(
    "li", {},
    element("span", { class: one.holds ? "" : "fault" }, `${one.holds ? "✓" : "✗"} ${one[chosen]}`),
    element("span", { class: "meta" }, ` ${words.expected}: ${one.expected[chosen]} · ${words.observed}: ${one.observed[chosen]}`),
  );
  return {
    node,
    stop,
    focus: () => title.focus(),
    say(text) {
      node.hidden = false;
      status.className = "fault";
      status.textContent = text;
    },
    show(run) {
      node.hidden = !run;
      if (!run) return;
      // Another run has begun: its lines take the place of the last one's.
      const drill = all.find((one) => one.name === run.name);
      if (node.dataset.run !== run.id) {
        lines.replaceChildren();
        about.replaceChildren(...(drill ? told(drill, chosen).filter(Boolean) : []));
      }
      node.dataset.run = run.id;
      const missed = run.lines.filter((one) => !one.holds).length;
      title.textContent = drill?.title[chosen] ?? run.name;
      const outcome = words.outcomes[run.outcome](run.lines.length, missed);
      const said = run.outcome === "running" ? outcome : `${outcome} (${words.took(run.seconds)})`;
      if (status.textContent !== said) status.textContent = said;
      status.className = ["differs", "failed"].includes(run.outcome) ? "fault" : "";
      lines.append(...run.lines.slice(lines.children.length).map(line));
      remarks.textContent = run.remarks.join("\n");
      // A hidden button would lose the keyboard's place.
      if (run.outcome !== "running" && running.contains(document.activeElement)) title.focus({ preventScroll: true });
      running.hidden = run.outcome !== "running";
      clock.textContent = words.clock(Math.floor(run.seconds), drill?.seconds);
    },
  };
}
