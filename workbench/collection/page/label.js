"use strict";
/* The labelling page. Its one promise: a label is what was painted when the key was pressed, and no label is lost.

   - A key or click acts on the task that is painted and on no other; held keys, keys within `floor_ms` of painting and
     keys typed into fields are ignored.
   - An answer gets its id here and is kept here (IndexedDB) until the server says that it is on disk; sent twice, it is
     stored once.
   - The next task is fetched while the present one is read. */
(() => {
  const $ = (id) => document.getElementById(id);
  const WORDS = {
    "left>>": "Left much better", "left>": "Left better", "=": "About equal",
    "right>": "Right better", "right>>": "Right much better",
  };
  const IDLE_MS = 60000;
  let settings = null, task = null, painted = 0, ahead = [], fetching = null, chosen = null, plain = false;
  let clock = null, done = null, offline = false, busy = false;

  const makeId = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
    const h = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
  };

  /* ------------------------------------------------------------------ answers on their way */
  const unsent = new Map();
  let database = null;
  const opened = new Promise((done) => {
    try {
      const asked = indexedDB.open("preference-workbench", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("unsent", { keyPath: "id" });
      asked.onsuccess = () => { database = asked.result; done(); };
      asked.onerror = () => done();
    } catch { done(); }
  });
  const table = (mode) => database.transaction("unsent", mode, { durability: "strict" }).objectStore("unsent");
  const finished = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); request.onerror = () => done(null); });

  async function recall() {
    await opened;
    if (!database) return;
    for (const answer of (await finished(table("readonly").getAll())) || []) {
      // What somebody else left in this browser waits for that person's link.
      if (answer.who === settings.you) unsent.set(answer.id, answer);
    }
  }
  async function keep(answer) {
    unsent.set(answer.id, answer);
    show();
    if (database) await finished(table("readwrite").put(answer));
  }
  async function forget(id) {
    unsent.delete(id);
    show();
    if (database) await finished(table("readwrite").delete(id));
  }

  let sending = null;
  function flush() {
    sending = sending || (async () => {
      let wait = 500;
      while (unsent.size) {
        const answer = unsent.values().next().value;
        const reply = await call("POST", "api/judgements", answer);
        if (!reply || reply.status >= 500 || reply.status === 429) {
          offline = !reply;
          show();
          await new Promise((done) => setTimeout(done, wait));
          wait = Math.min(wait * 2, 8000);
          continue;
        }
        offline = false;
        if (reply.status === 401) { say("This link has ended", "Ask whoever sent it for a new one. Answers not yet sent are kept in this browser."); break; }
        await forget(answer.id);
        if (reply.status === 409) note("Already judged in another tab; the first answer stands.");
        else if (!reply.ok) note("The last answer could not be taken. It was not counted.");
      }
      show();
    })().finally(() => { sending = null; });
    return sending;
  }

  async function call(method, path, body) {
    try {
      const asked = { method, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(15000) };
      if (body !== undefined) { asked.body = JSON.stringify(body); asked.headers = { "Content-Type": "application/json" }; }
      return await fetch(path, asked);
    } catch { return null; }
  }

  let noted = 0;
  function note(text) {
    noted = Date.now() + 4000;
    $("state").textContent = text;
    setTimeout(show, 4100);
  }
  function show() {
    if (Date.now() < noted) return;
    const n = unsent.size, state = $("state");
    state.dataset.state = offline ? "offline" : n ? "waiting" : "saved";
    state.textContent = offline ? `Offline: ${n} waiting` : n ? `${n} waiting` : "Saved";
  }

  /* ------------------------------------------------------------------ time that was really spent */
  function startClock() {
    clock = { active: 0, hidden: 0, at: performance.now(), touched: performance.now(), firstKey: null, left: false, right: false };
  }
  function tick() {
    if (!clock) return;
    const now = performance.now(), gone = now - clock.at;
    const looked = document.visibilityState === "visible" && document.hasFocus();
    if (!looked) clock.hidden += gone;
    else if (now - clock.touched <= IDLE_MS) clock.active += gone;
    clock.at = now;
  }
  function touched() { if (clock) { tick(); clock.touched = performance.now(); } }
  setInterval(tick, 1000);
  for (const kind of ["visibilitychange", "focus", "blur"]) addEventListener(kind, tick, true);
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(kind, touched, { passive: true });
  for (const side of ["left", "right"]) {
    $(side).addEventListener("scroll", () => {
      touched();
      const box = $(side);
      if (clock && box.scrollTop + box.clientHeight >= box.scrollHeight - 4) clock[side] = true;
    }, { passive: true });
  }

  /* ------------------------------------------------------------------ tasks */
  const mine = () => [task, ...ahead].filter(Boolean).map((t) => t.lease).concat([...unsent.values()].map((a) => a.lease));

  async function fetchTask() {
    const reply = await call("GET", `api/next?after=${[...new Set(mine())].slice(0, 8).join(",")}`);
    if (!reply) { offline = true; show(); return undefined; }
    offline = false;
    show();
    if (reply.status === 204) return null;
    if (reply.status === 401 || reply.status === 403) return "ended";
    return reply.ok ? reply.json() : undefined;
  }
  function lookAhead() {
    if (fetching || ahead.length) return;
    fetching = fetchTask().then((found) => {
      if (found && found !== "ended" && !mine().includes(found.lease)) ahead.push(found);
    }).finally(() => { fetching = null; });
  }

  async function advance() {
    task = null;
    painted = 0;
    delete $("task").dataset.painted;
    if (fetching && !ahead.length) await fetching;
    if (ahead.length) { paint(ahead.shift()); return; }
    for (;;) {
      const found = await fetchTask();
      if (found === "ended") { say("This link has ended", "Ask whoever sent it for a new one."); return; }
      if (found) { paint(found); return; }
      if (found === null) {
        if (unsent.size) { await flush(); continue; }
        say("Nothing left for now", "All your answers are saved. You can close this page; the same link brings you back when there is more.");
        setTimeout(() => { if (!task) advance(); }, 30000);
        return;
      }
      if (!task) say("Waiting for the connection", "Your answers are kept in this browser and sent when it is back.");
      await new Promise((done) => setTimeout(done, 2000));
    }
  }

  function paint(found) {
    task = found;
    painted = 0;
    chosen = null;
    $("message").hidden = true;
    $("task").hidden = $("choices").hidden = false;
    $("prompt-box").hidden = !found.prompt;
    texts();
    for (const id of ["prompt-box", "left", "right"]) $(id).scrollTop = 0;
    $("reason").value = "";
    $("flag").setAttribute("aria-pressed", "false");
    for (const button of document.querySelectorAll("#buttons button, .dimension button")) {
      button.setAttribute("aria-pressed", String(button.parentElement.id === "buttons" && button.value === found.previous));
    }
    // A task fetched ahead does not know of the answers given since; only an undo gives one back.
    if (done === null || found.previous) done = found.done - (found.previous ? 1 : 0);
    $("progress").textContent = `${done} of ${Math.max(found.of, done + 1)} done`;
    $("undo").disabled = done === 0;
    if (found.guideline_version > settings.acknowledged) openGuideline(found.guideline_version);
    const lease = found.lease;
    // Two frames: the first is being drawn when the callback runs, with the second it has been on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (task && task.lease === lease) {
        painted = performance.now();
        task.shownAt = Date.now();
        startClock();
        $("task").dataset.painted = lease;
        lookAhead();
      }
    }));
  }
  function texts() {
    render($("prompt"), task.prompt || "", plain);
    render($("left"), task.left, plain);
    render($("right"), task.right, plain);
  }

  function say(title, text) {
    task = null;
    $("task").hidden = $("choices").hidden = true;
    $("message").hidden = false;
    $("message-title").textContent = title;
    $("message-text").textContent = text;
  }

  /* ------------------------------------------------------------------ answering */
  const ready = () => task && painted && performance.now() - painted >= settings.floor_ms && !$("guideline").open && !busy;
  const takesMore = () => settings.ask_reason || settings.dimensions.length > 0;

  function choose(choice) {
    if (!ready()) return;
    if (clock.firstKey === null) clock.firstKey = Date.now();
    if (choice !== "skip" && takesMore()) {
      chosen = choice;
      for (const button of document.querySelectorAll("#buttons button")) button.setAttribute("aria-pressed", String(button.value === choice));
      $("send").disabled = false;
      return;
    }
    submit(choice);
  }

  function submit(choice) {
    if (!ready() || !choice) return;
    tick();
    const dims = {};
    for (const row of document.querySelectorAll(".dimension")) {
      const pressed = row.querySelector('[aria-pressed="true"]');
      if (pressed) dims[row.dataset.name] = pressed.value;
    }
    const answer = {
      id: makeId(), who: settings.you, lease: task.lease, choice,
      active_ms: Math.round(clock.active), hidden_ms: Math.round(clock.hidden), shown_at: task.shownAt,
      first_key_at: clock.firstKey, submitted_at: Date.now(), guideline_version: task.guideline_version,
      reason: $("reason").value, dims, flagged: $("flag").getAttribute("aria-pressed") === "true",
      scrolled_left: clock.left, scrolled_right: clock.right,
    };
    done += 1;
    task = null;
    painted = 0;
    // The answer is kept before anything else is shown; the task that follows was fetched already.
    keep(answer).then(flush);
    advance();
  }

  async function undo() {
    if (busy || $("undo").disabled) return;
    busy = true;
    try {
      const before = task;
      await flush();
      const reply = await call("POST", "api/undo", {});
      if (reply && reply.status === 200) {
        if (before) ahead.unshift(before);
        paint(await reply.json());
      } else note(reply ? "There is nothing to undo." : "Offline: undo works again when the connection is back.");
    } finally { busy = false; }
  }

  function openGuideline(version) {
    const text = $("guideline-text");
    if (version > settings.guideline_version) {
      call("GET", "api/settings").then((r) => r && r.ok && r.json()).then((s) => {
        if (s) { settings = { ...settings, guideline: s.guideline, guideline_version: s.guideline_version }; render(text, settings.guideline, false); }
      });
    }
    render(text, settings.guideline, false);
    if (!$("guideline").open) $("guideline").showModal();
  }
  $("read").addEventListener("click", () => {
    $("guideline").close();
    if (settings.acknowledged < settings.guideline_version) {
      settings.acknowledged = settings.guideline_version;
      call("POST", "api/acknowledge", { version: settings.guideline_version });
    }
    if (task) painted = performance.now();
  });

  function press(button) { button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")); }
  function togglePlain() {
    plain = !plain;
    $("plain").setAttribute("aria-pressed", String(plain));
    if (task) texts();
  }

  $("undo").addEventListener("click", undo);
  $("plain").addEventListener("click", togglePlain);
  $("open-guideline").addEventListener("click", () => openGuideline(settings.guideline_version));
  $("flag").addEventListener("click", () => press($("flag")));
  $("skip").addEventListener("click", () => choose("skip"));
  $("send").addEventListener("click", () => submit(chosen));

  addEventListener("keydown", (event) => {
    const field = event.target.closest && event.target.closest("textarea, input, select, [contenteditable]");
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || field || !settings) return;
    if ($("guideline").open) return;
    const place = "12345".indexOf(event.key);
    if (event.key.length === 1 && place >= 0 && place < settings.choices.length) choose(settings.choices[place]);
    else if (event.key === "s" || event.key === "S") choose("skip");
    else if (event.key === "u" || event.key === "U" || event.key === "Backspace") undo();
    else if (event.key === "g" || event.key === "G") openGuideline(settings.guideline_version);
    else if (event.key === "f" || event.key === "F") press($("flag"));
    else if (event.key === "p" || event.key === "P") togglePlain();
    else if (event.key === "Enter" && takesMore() && chosen && event.target.tagName !== "BUTTON") submit(chosen);
    else return;
    event.preventDefault();
  });

  addEventListener("online", () => flush());
  addEventListener("pagehide", () => {
    for (const answer of unsent.values()) {
      navigator.sendBeacon("api/judgements", new Blob([JSON.stringify(answer)], { type: "application/json" }));
    }
  });

  /* ------------------------------------------------------------------ setting up */
  function makeButton(choice, number) {
    const button = document.createElement("button");
    button.type = "button";
    button.value = choice;
    button.setAttribute("aria-pressed", "false");
    button.append(WORDS[choice]);
    if (number) {
      const key = document.createElement("kbd");
      key.textContent = number;
      button.append(" ", key);
      button.setAttribute("aria-keyshortcuts", number);
    }
    return button;
  }
  function build() {
    settings.choices.forEach((choice, i) => {
      const button = makeButton(choice, String(i + 1));
      button.addEventListener("click", () => choose(choice));
      $("buttons").append(button);
    });
    for (const name of settings.dimensions) {
      const row = document.createElement("div");
      row.className = "dimension";
      row.dataset.name = name;
      row.setAttribute("role", "group");
      row.setAttribute("aria-label", name);
      const label = document.createElement("span");
      label.textContent = name;
      row.append(label);
      for (const choice of settings.choices) {
        const button = makeButton(choice);
        button.addEventListener("click", () => {
          const was = button.getAttribute("aria-pressed") === "true";
          for (const other of row.querySelectorAll("button")) other.setAttribute("aria-pressed", "false");
          button.setAttribute("aria-pressed", String(!was));
        });
        row.append(button);
      }
      $("dimensions").append(row);
    }
    $("reason-box").hidden = !settings.ask_reason;
    $("send").hidden = !takesMore();
    $("send").disabled = true;
  }

  (async () => {
    for (;;) {
      const reply = await call("GET", "api/settings");
      if (reply && reply.ok) { settings = await reply.json(); break; }
      if (reply && (reply.status === 401 || reply.status === 403)) { say("This link has ended", "Ask whoever sent it for a new one."); return; }
      offline = !reply;
      show();
      await new Promise((done) => setTimeout(done, 2000));
    }
    await recall();
    build();
    document.title = settings.batch;
    show();
    if (unsent.size) await Promise.race([flush(), new Promise((done) => setTimeout(done, 3000))]);
    advance();
  })();
})();
