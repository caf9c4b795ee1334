"use strict";
// Posts what was changed and puts the answer in place: folds, focus and scroll stay as they are.
// A later change overtakes an earlier one; what is on screen stays, greyed, until its successor is there.
(() => {
  const base = document.body.dataset.base;
  const xsrf = document.querySelector("meta[name=xsrf]").content;
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const KEPT = `advisor:${base}`;
  const NARROW = "(max-width: 700px)";
  const CALL_MS = 20000, LINE_MS = 3000, SHOWN_MS = 1800, SAID_MS = 6000, AGAIN_MS = 100;
  const LOG_BYTES = 20e6, SCENARIO_BYTES = 6e6;
  let turn = 0;         // counts changes and pages: an answer to an earlier one is not shown
  let waiting = null;   // aborts the slower parts of an earlier turn
  let sought = false;   // whether the flips on screen belong to an earlier answer
  let known = document.body.dataset.known === "yes";
  let words = JSON.parse(document.body.dataset.words);   // whatever is said here, in the page's language
  const told = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, value) => values[value]);
  const styled = () => document.body.style.setProperty("--sure", JSON.stringify(words.sure));   // after a chance
  const language = () => document.documentElement.lang;
  const number = (value, digits = 0) => value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

  const main = () => $("#main");
  const page = () => main().dataset.page;
  const place = (name) => $(`[data-part="${CSS.escape(name)}"]`);

  // --- asking

  class Ended extends Error {}

  async function ask(path, { json, form, signal } = {}) {
    const headers = { "X-XSRFToken": xsrf };
    if (json) headers["Content-Type"] = "application/json";
    const answer = await fetch(base + path, {
      method: "POST", headers, signal, credentials: "same-origin", body: json ? JSON.stringify(json) : form,
    });
    if (answer.status === 410) throw new Ended();
    if (answer.status === 204) return {};
    if (!answer.ok) throw new Error((await answer.text()).trim() || told("status", { status: answer.status }));
    return answer.json();
  }

  let entering = null;
  async function enter() {
    if (known) return;
    entering ??= ask("session").then((found) => {
      if (!found.there) return location.reload();
      known = true;
    }).finally(() => { entering = null; });
    await entering;
  }

  // --- putting HTML in place

  function morph(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.nodeName.toLowerCase() === "svg") {
      if (old.outerHTML !== fresh.outerHTML) old.replaceWith(fresh);
      return;
    }
    const kept = { DETAILS: ["open"], INPUT: ["aria-invalid"], SELECT: ["aria-invalid"] }[old.nodeName] ?? [];
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes)
      if (old.getAttribute(name) !== value && !kept.includes(name)) old.setAttribute(name, value);
    if (old.matches("input, textarea, select")) return value(old, fresh);
    if (old.classList.contains("adv-lazy")) return;      // filled when its fold is opened
    if (old.classList.contains("adv-fault") && !fresh.textContent) return;   // cleared by its own rules
    children(old, fresh);
  }

  function value(old, fresh) {
    if (old.type === "file") return;
    const changed = { checkbox: () => { old.checked = fresh.hasAttribute("checked"); } };
    if (old.nodeName === "SELECT") {
      const chosen = old.value, offered = [...old.options].find((one) => one.defaultSelected) ?? old.options[0];
      if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
      // what nobody chose follows what is offered now
      old.value = old.dataset.path || !chosen || chosen === offered?.value ? fresh.value : chosen;
      if (old.selectedIndex < 0 || old.id === "language") old.value = fresh.value;
    } else if (changed[old.type]) changed[old.type]();
    else if (old.dataset.path && old !== document.activeElement && !old.hasAttribute("aria-invalid"))
      old.value = fresh.getAttribute("value") ?? "";
    else if (old.dataset.path && old === document.activeElement && old.value === old.dataset.sent)
      old.value = fresh.getAttribute("value") ?? "";
  }

  const key = (node) => node.nodeType === Node.ELEMENT_NODE
    ? node.id || node.dataset.fold || node.dataset.field || node.dataset.part || "" : "";

  function children(old, fresh) {
    const keyed = new Map([...old.children].filter(key).map((node) => [key(node), node]));
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      const found = key(wanted) ? keyed.get(key(wanted)) : null;
      if (found) {
        if (found !== at) old.insertBefore(found, at);
        else at = at.nextSibling;
        morph(found, wanted);
      } else if (at && !key(at) && !key(wanted)) {
        const next = at.nextSibling;
        morph(at, wanted);
        at = next;
      } else old.insertBefore(wanted, at);
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  function put(name, html) {
    const target = place(name);
    if (!target) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const inner = fresh.content.firstElementChild;
    const whole = inner && inner.dataset.part === name;
    if (whole) morph(target, inner);
    else {
      const holder = target.cloneNode(false);
      holder.append(fresh.content);
      children(target, holder);
    }
  }

  function calm(names) {
    for (const name of names) { const part = place(name); if (part) { part.classList.remove("app-waiting"); part.removeAttribute("aria-busy"); } }
  }

  function grey(names) {
    for (const name of names) { const part = place(name); if (part) { part.classList.add("app-waiting"); part.setAttribute("aria-busy", "true"); } }
  }

  let quiet = 0;
  function say(words, lasting = false) {
    const said = $("#said");
    clearTimeout(quiet);
    said.textContent = words;
    said.classList.toggle("app-shown", Boolean(words));
    if (words && !lasting) quiet = setTimeout(() => said.classList.remove("app-shown"), SAID_MS);
  }

  function trouble(words, button, then) {
    $("#trouble")?.remove();
    if (!words) return;
    const box = document.createElement("div");
    box.id = "trouble"; box.className = "adv-alert app-trouble"; box.setAttribute("role", "alert");
    for (const line of [].concat(words)) { const p = document.createElement("p"); p.textContent = line; box.append(p); }
    const press = document.createElement("button");
    press.type = "button"; press.textContent = button || told("close");
    press.onclick = () => { box.remove(); then?.(); };
    box.append(press);
    main().prepend(box);
  }

  // --- faults at their fields

  function faulty(path, said, keep) {
    const row = $(`[data-field="${CSS.escape(path)}"]`);
    const input = row && $("[data-path]", row);
    if (!input) return false;
    const note = $(".adv-fault", row);
    note.textContent = `${told("refused", { said })} `;
    const press = document.createElement("button");
    press.type = "button"; press.textContent = told("keep", { value: keep }); press.dataset.keep = keep;
    note.append(press);
    input.setAttribute("aria-invalid", "true");
    row.closest("details:not([open])")?.setAttribute("open", "");
    return true;
  }

  function sound(row) {
    const input = row && $("[data-path]", row);
    if (!input) return;
    $(".adv-fault", row).textContent = "";
    input.removeAttribute("aria-invalid");
  }

  // --- turns

  function begin() {
    turn += 1;
    waiting?.abort();
    waiting = new AbortController();
    return turn;
  }

  // what is asked for once the answer stands, with what is said meanwhile where nothing was there before
  const LATER = ["flips", "next"];
  const VIEW = ["answer", "record", "folds", ...LATER];

  function sooner(part) {
    const head = document.createElement("h2"), said = document.createElement("p");
    head.textContent = told(part);
    said.className = "adv-muted";
    said.textContent = told(`${part}-sought`);
    return head.outerHTML + said.outerHTML;
  }

  function around(found) {   // what stands around a page, and the language that all of it is told in
    document.documentElement.lang = found.language;
    words = found.words;
    styled();
    for (const part of ["bar", "nav", "skips"]) if (found.parts[part]) put(part, found.parts[part]);
    if (found.title) document.title = found.title;
  }

  function foreign(found) {   // another tab of this visit has changed the language
    if (found.language === language()) return false;
    location.reload();
    return true;
  }

  function show(found, mine, spoken = true) {
    const parts = found.parts || {};
    if (found.refused) refuse(found);
    if (mine !== turn || found.overtaken) return false;
    if (foreign(found)) return true;
    for (const [name, html] of Object.entries(parts)) if (name !== "main") put(name, html);
    calm(["answer", "record", "folds"]);
    who_entered();
    if (found.title) document.title = found.title;
    if (found.keep) try { sessionStorage.setItem(KEPT, found.keep); } catch { /* private mode: nothing is kept */ }
    const here = LATER.filter((part) => parts[part]);
    if (parts.answer) sought = !here.length;
    calm(here);
    if (spoken && parts.answer && !found.refused) {
      const head = $("#answer h1")?.textContent ?? "";
      say(found.said && head ? told("answered", { said: found.said, answer: head }) : found.said || head);
    }
    return true;
  }

  function refuse(found) {
    const loose = [];
    for (const { path, said, keep } of found.complaints || []) if (!path || !faulty(path, said, keep)) loose.push(said);
    if (loose.length || !(found.complaints || []).length) trouble([found.refused, ...loose]);
  }

  async function later(mine) {
    const signal = waiting.signal;
    const jobs = [], note = $("#answer .adv-checking"), last = Boolean(note?.dataset.after);
    const survey = note ? [{ kind: "survey", part: "answer" }] : [];
    if (!last) jobs.push(...survey);
    for (const part of LATER) if (place(part) && (sought || !place(part).textContent.trim())) jobs.push({ kind: part, part });
    if (last) jobs.push(...survey);
    for (const fold of all("details[data-fold][open]")) if ($(".adv-lazy", fold)) jobs.push({ kind: "fold", fold: fold.dataset.fold, part: `fold-${fold.dataset.fold}` });
    for (const { part, ...job } of jobs) {
      const surveyed = job.kind === "survey", before = $("#answer h1")?.textContent;
      if (!surveyed) grey([part]);
      if (LATER.includes(part) && !place(part).textContent.trim()) put(part, sooner(part));
      try {
        const found = await ask("show", { json: { page: page(), ...job }, signal });
        if (mine !== turn || foreign(found)) return;
        // asked again as long as nothing else is, so that no part waits for ever
        if (found.overtaken) { setTimeout(() => { if (mine === turn) later(mine); }, AGAIN_MS); return; }
        if (found.refused) trouble([found.refused, ...(found.complaints || []).map((one) => one.said)]);
        for (const [name, html] of Object.entries(found.parts || {})) if (name === part || (surveyed && VIEW.includes(name))) put(name, html);
        if (surveyed) {
          const head = $("#answer h1")?.textContent;
          if (head && head !== before) say(told("surveyed", { answer: head }));
          if (last && !found.parts?.flips) { sought = true; later(mine); return; }   // another answer, other flips
          continue;
        }
        calm([part]);
        if (LATER.includes(part)) sought = false;
      } catch (error) { if (error.name !== "AbortError") failed(error); return; }
    }
  }

  async function act(given, { silent = false, form } = {}) {
    await enter();
    const mine = begin();
    trouble();
    if (given.do !== "set") all("[data-field]").forEach(sound);
    grey(VIEW);
    const slow = setTimeout(() => { if (mine === turn) say(told("working"), true); }, 1000);
    try {
      const found = form ? await ask(given, { form }) : await ask("act", { json: { page: page(), ...given } });
      clearTimeout(slow);
      if (show(found, mine, !silent)) {
        if (found.refused) { calm(VIEW); say(""); }
        later(mine);
      } else if (mine === turn) go(page(), false);   // another page of this session went before
      return found;
    } catch (error) {
      clearTimeout(slow);
      if (mine === turn) { calm(VIEW); failed(error, () => act(given, { silent, form })); }
      return null;
    }
  }

  async function go(name, push = true) {
    await enter();
    const mine = begin();
    grey(VIEW);
    try {
      const found = await ask("show", { json: { page: name } });
      if (mine !== turn) return;
      if (found.refused) { calm(VIEW); return refuse(found); }
      const old = main();
      old.innerHTML = found.parts.main;
      old.dataset.page = name;
      sought = false;
      around(found);
      $("details.app-more")?.removeAttribute("open");
      if (push) { history.pushState(null, "", base + (name === "start" ? "" : name)); scrollTo(0, 0); }
      fold();
      who_entered();
      $("#answer").focus({ preventScroll: true });
      say("");
      later(mine);
    } catch (error) { if (mine === turn) { calm(VIEW); failed(error, () => go(name, push)); } }
  }

  async function speak(chosen) {   // the page in another language: folds and what was typed stay
    await enter();
    const mine = begin();
    trouble();
    all("[data-field]").forEach(sound);
    grey(VIEW);
    try {
      const found = await ask("language", { json: { page: page(), language: chosen } });
      if (mine !== turn) return;
      if (found.refused) { calm(VIEW); return refuse(found); }
      around(found);
      const fresh = main().cloneNode(false);
      fresh.innerHTML = found.parts.main;
      children(main(), fresh);
      sought = false;
      calm(VIEW);
      who_entered();
      say(told("switched"));
      later(mine);
    } catch (error) { if (mine === turn) { calm(VIEW); failed(error, () => speak(chosen)); } }
  }

  function failed(error, again) {
    if (error.name === "AbortError") return;
    if (error instanceof Ended) {
      known = false;
      const kept = sessionStorage.getItem(KEPT);
      return trouble(told("ended"), told(kept ? "go-on" : "restart"), async () => {
        await enter();
        if (kept) bring("scenario", [["word", kept]]); else location.reload();
      });
    }
    trouble(told("failed", { error: error.message }), told(again ? "again" : "close"), again);
  }

  function bring(what, entries) {
    const form = new FormData();
    form.append("page", page());
    for (const [name, one] of entries) form.append(name, one);
    return act(`bring/${what}`, { form });
  }

  const fields = (form) => Object.fromEntries(all("input, select, textarea", form).filter((box) => box.name).map((box) => [box.name, box.value]));

  // --- what is clicked, typed, opened

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.id === "language") speak(box.value);
    else if (box.dataset.path) {
      sound(box.closest("[data-field]"));
      box.dataset.sent = box.value;
      act({ do: "set", values: { path: box.dataset.path, value: box.type === "checkbox" ? box.checked : box.value } });
    } else if (box.type === "file" && box.files.length) {
      const most = box.name === "log" ? LOG_BYTES : SCENARIO_BYTES;
      const size = [...box.files].reduce((sum, file) => sum + file.size, 0);
      if (size > most) trouble(told("heavy", { size: number(size / 1e6, 1), most: number(most / 1e6) }));
      else bring(box.name, [...box.files].map((file) => ["file", file])).then(() => { box.value = ""; });
    } else if (box.name === "name" && box.closest("[data-act=own]")) own(box.value);
  });

  // --- weights by role: kept here until they are shown together, and nowhere else

  const weights = new Map();

  function typed(said) {   // a number as the page's language writes it, without marks between thousands
    const marks = Object.fromEntries(new Intl.NumberFormat(language()).formatToParts(12345.6).map((part) => [part.type, part.value]));
    return said.includes(marks.group) ? NaN : Number(said.trim().replace(marks.decimal, "."));
  }

  function weigh(form) {
    const { role, ...given } = fields(form);
    const who = role.trim(), found = Object.values(given).map(typed);
    if (!who || found.some((one) => !(one >= 0 && Number.isFinite(one))) || !found.some((one) => one > 0))
      return trouble(told("weights"));
    trouble();
    weights.set(who, given);
    form.reset();
    who_entered();
    say(told("entered", { who }));
    $("input", form).focus();
  }

  function who_entered() {
    const said = $("[data-roles] p");
    if (!said) return;
    const names = [...weights.keys()];
    said.textContent = told(["nobody", "hidden-one"][names.length] ?? "hidden", { names: names.join(", ") });
    $("[data-do=weights-show]").disabled = names.length < 2;
    $("[data-do=weights-forget]").disabled = !names.length;
  }

  async function own(name) {
    const mine = turn;
    const found = await ask("show", { json: { page: page(), kind: "fold", fold: "own", name } });
    if (mine === turn && found.parts["fold-own"]) place("fold-own").innerHTML = found.parts["fold-own"];
  }

  async function ownOf(name) {
    await enter();
    const form = $("details[data-fold=own]");
    if (!form) return;
    form.dataset.turn = turn;   // what it holds is asked for here
    form.open = true;
    try { await own(name); } catch (error) { return failed(error, () => ownOf(name)); }
    calm(["fold-own"]);
    form.scrollIntoView({ block: "start" });
    $("select", form)?.focus({ preventScroll: true });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.act) return;
    event.preventDefault();
    const values = fields(form);
    const does = event.submitter?.dataset.act ?? form.dataset.act;
    if (does === "weigh") return weigh(form);
    if (does === "record") values.step = page();
    if (does === "use-pilot") values.text = $("#f-text")?.value ?? "";
    act({ do: does, values }).then((found) => { if (does === "milestone" && found && !found.refused) form.reset(); });
  });

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-do], [data-go], [data-reset], [data-keep], [data-back], [data-own]");
    if (!pressed) return;
    const { do: does, go: to, reset, keep, back, own: name } = pressed.dataset;
    if (to && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) { event.preventDefault(); go(to); }
    else if (reset) act({ do: "reset", values: { path: reset } });
    else if (name) ownOf(name);
    else if (back) act({ do: "shipped", values: { name: back } });
    else if (keep !== undefined) {
      const row = pressed.closest("[data-field]");
      const box = $("[data-path]", row);
      sound(row);
      if (box.type === "checkbox") box.checked = box.defaultChecked;
      else if (box.nodeName === "SELECT") box.value = [...box.options].find((one) => one.defaultSelected)?.value ?? box.value;
      else box.value = box.defaultValue;
      box.focus();
      say(told("kept", { value: keep }));
    } else if (does === "weights-show") act({ do: "weights", values: { roles: Object.fromEntries(weights) } });
    else if (does === "weights-forget") { weights.clear(); go(page(), false); }
    else if (does === "replay") replay();
    else if (does === "share") share();
    else if (does === "report") report(pressed);
    else if (does) act({ do: does });
  });

  document.addEventListener("toggle", (event) => {
    const fold = event.target;
    if (!fold.matches?.("details[data-fold]") || !fold.open || !$(".adv-lazy", fold) || fold.dataset.turn === String(turn)) return;
    fold.dataset.turn = turn;
    enter().then(() => one(fold));
  }, true);

  async function one(fold) {
    waiting ??= new AbortController();
    const mine = turn, name = `fold-${fold.dataset.fold}`;
    grey([name]);
    try {
      const found = await ask("show", { json: { page: page(), kind: "fold", fold: fold.dataset.fold }, signal: waiting.signal });
      if (mine !== turn || found.overtaken) return;
      if (found.refused) return trouble(found.refused);
      put(name, found.parts[name]);
      calm([name]);
    } catch (error) { failed(error, () => one(fold)); }
  }

  async function replay() {
    await enter();
    const mine = begin();
    grey(VIEW);
    try {
      const before = await ask("act", { json: { page: page(), do: "replay" } });
      if (mine !== turn) return;
      const what = before.said;
      put("answer", before.parts.answer);
      calm(["answer"]);
      $("#main").classList.add("app-before");
      say(told("before", { what: what.replace(/→.*/, "").trim() || what }), true);
      await new Promise((done) => setTimeout(done, SHOWN_MS));
      const after = await ask("show", { json: { page: page() } });
      $("#main").classList.remove("app-before");
      if (mine !== turn) return;
      show(after, mine, false);
      calm(VIEW);
      say(told("after", { what, answer: $("#answer h1")?.textContent ?? "" }));
      later(mine);
    } catch (error) { calm(VIEW); failed(error); } finally { $("#main").classList.remove("app-before"); }
  }

  async function share() {
    await enter();
    try {
      const found = await ask("act", { json: { page: page(), do: "share" } });
      const address = `${location.origin}${base}${page() === "start" ? "" : page()}#s=${found.link}`;
      if (address.length > 30000) return trouble(told("long"));
      let copied = false;
      try { await navigator.clipboard.writeText(address); copied = true; } catch { /* not allowed here: shown instead */ }
      const box = document.createElement("dialog");
      box.className = "adv app-dialog";
      box.innerHTML = "<form method='dialog'><h2></h2><p></p><label for='app-link'></label><input id='app-link' type='text' readonly><button class='adv-primary'></button></form>";
      for (const [place, name] of [["h2", "share"], ["label", "link"], ["button", "close"]]) $(place, box).textContent = told(name);
      $("p", box).textContent = [...(copied ? ["copied"] : []), "holds"].map((name) => told(name)).join(" ");
      $("input", box).value = address;
      box.addEventListener("close", () => box.remove());
      document.body.append(box);
      box.showModal();
      $("input", box).select();
    } catch (error) { failed(error); }
  }

  async function report(pressed) {
    await enter();
    pressed.disabled = true;
    say(told("reporting"), true);
    try {
      const answer = await fetch(`${base}report`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "report.html";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), SAID_MS);
      say(told("reported", { name: link.download }));
    } catch (error) { say(""); failed(error); } finally { const now = $("[data-do=report]"); if (now) now.disabled = false; pressed.disabled = false; }
  }

  // --- staying, leaving, waiting in line

  function fold() {
    const inputs = $("details.app-inputs");
    if (inputs && matchMedia(NARROW).matches && STEPS.includes(page())) inputs.removeAttribute("open");
  }
  matchMedia(NARROW).addEventListener("change", (now) => { if (!now.matches) $("details.app-inputs")?.setAttribute("open", ""); });
  const STEPS = ["foundation_model", "improvement", "deployment", "data_storage", "operations"];

  async function queue() {
    const said = $("#place");
    try {
      const found = await ask("session");
      if (found.there) return location.reload();
      const line = told(found.place === 1 ? "line-next" : "line", { place: number(found.place) });
      if (said.textContent !== line) said.textContent = line;
    } catch (error) { said.textContent = told("line-failed", { error: error.message }); }
    setTimeout(queue, LINE_MS);
  }

  if (document.body.dataset.queue) { queue(); return; }

  styled();
  fold();
  who_entered();
  addEventListener("popstate", () => {   // a skip link moves through the history too, but not to another page
    const name = location.pathname.slice(base.length) || "start";
    if (name !== page()) go(name, false);
  });
  addEventListener("pagehide", () => {
    if (!known) return;
    const form = new FormData();
    form.append("_xsrf", xsrf);
    navigator.sendBeacon(`${base}leave`, form);
  });
  setInterval(() => { if (known) ask("session").catch(() => {}); }, CALL_MS);

  const word = /^#s=([\w-]+)$/.exec(location.hash)?.[1];
  if (word) history.replaceState(null, "", location.pathname);
  begin();
  enter().then(() => (word ? bring("scenario", [["word", word]]) : later(turn))).catch((error) => failed(error));
})();
