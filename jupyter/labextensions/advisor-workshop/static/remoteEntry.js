/* Plain script, nothing to build: the container that JupyterLab asks for the extension. It imports nothing. */
(function () {
  "use strict";
  const OURS = /(^|\/)notebooks\/(0[0-6]_\w+|method)\.ipynb$/;
  const LOST = new Set(["dead", "terminating", "unknown"]);
  const STYLE = `
    .adv-lab-bar { display: flex; flex: 0 0 auto; gap: 12px; align-items: center; padding: 8px 14px; background: #fdecea;
      color: #5f1410; border-left: 4px solid #b3261e; font: 15px/1.4 system-ui, sans-serif; }
    .adv-lab-bar[data-quiet] { background: #eaf3f9; color: #1f2933; border-left-color: #00527f; }
    .adv-lab-bar button { font: inherit; padding: 4px 12px; border: 1px solid #00527f; border-radius: 5px;
      background: #00527f; color: #fff; cursor: pointer; }
    .adv-lab .jp-Cell-inputCollapser, .adv-lab .jp-InputPlaceholder, .adv-lab .jp-OutputPrompt, .adv-lab .jp-InputPrompt,
    .adv-lab .jp-OutputCollapser { display: none; }
    .adv-lab .jp-CodeCell .jp-Cell-inputWrapper { display: none; }
    .adv-lab .jp-CodeCell.jp-mod-noOutputs { display: none; }
    .adv-lab .adv-own-link { display: block; font: inherit; font-size: .9em; cursor: pointer; }
    .adv-lab-show-code .jp-CodeCell .jp-Cell-inputWrapper { display: flex; }
    .adv-lab-show-code .jp-CodeCell.jp-mod-noOutputs { display: block; }
    .adv-lab .jp-Cell { padding-top: 2px; padding-bottom: 2px; }
    .adv-lab:not(.adv-lab-show-code):has(.adv-heading) .jp-MarkdownCell { display: none; }
    .adv-lab .adv-heading { display: flex; flex-wrap: wrap; gap: 0 1.2em; align-items: baseline; }
    .adv-lab .adv-heading > h1 { font-size: 1.25em; font-weight: 650; margin: 0; }
    .adv-lab .adv-heading > details { margin: 0; font-size: .93em; }
    .adv-lab .adv-heading > details[open] { flex: 1 0 100%; order: 2; }
    .adv-lab .adv-heading > details > summary { cursor: pointer; color: #00527f; }
    .adv-lab .adv-heading p { max-width: 60em; }
    body.adv-projector .adv-lab { --jp-content-font-size1: 19px; --jp-widgets-font-size: 18px; }
    body.adv-projector .adv-lab .adv, body.adv-projector .adv-lab .adv-panel :is(label, input, select, button, span) {
      font-size: 19px !important; height: auto; }
    body.adv-projector .adv-lab .adv :is(small, .adv-range, .adv-muted, .adv-badge, figcaption, .adv-step, td, th, li, p, dd, dt) {
      font-size: max(18px, 1em) !important; }`;

  // told by the page itself in the language of the workshop, once it is there
  const TOLD = {
    working: "Working out the answer …", starting: "Starting again …", failed: "The kernel does not start: {error}",
    retry: "Try again", on: "Go on from there",
    gone: "The kernel has gone. The last answer stays on screen, and what you changed is kept."
  };

  function told(widget, name) {
    const said = widget.node.querySelector("[data-said]");
    return (said ? JSON.parse(said.dataset.said) : TOLD)[name];
  }

  function isPage(widget) {
    return Boolean(widget && widget.context && widget.sessionContext && OURS.test(widget.context.path || ""));
  }

  function bar(widget) {
    let found = widget.node.querySelector(":scope > .adv-lab-bar");
    if (!found) {
      found = document.createElement("div");
      found.className = "adv-lab-bar";
      found.hidden = true;
      found.setAttribute("role", "status");
      found.append(document.createElement("span"), document.createElement("button"));
      found.style.position = "absolute";
      found.style.inset = "auto 0 0 0";
      found.style.zIndex = 20;
      widget.node.append(found);
    }
    return found;
  }

  function say(widget, text, label, action) {
    const place = bar(widget), [said, button] = place.children;
    place.hidden = !text;
    place.style.display = text ? "flex" : "none";
    place.toggleAttribute("data-quiet", !label);
    said.textContent = text || "";
    button.hidden = !label;
    button.textContent = label || "";
    button.onclick = action || null;
  }

  // A redraw replaces a panel's HTML: folds that were open are opened again, by the names they carry, and the one
  // that had the focus has it again. The kernel is told which are open, and fills those alone.
  function keepFolds(widget) {
    const open = new Set();
    let focused = "";
    const name = fold => {   // a line within a fold has no name of its own: it goes by its title, without its figures
      const within = fold.parentElement && fold.parentElement.closest("details[data-fold]");
      if (fold.id) return fold.id;
      return within ? within.id + "/" + (fold.querySelector("summary")?.textContent ?? "").split(":")[0] : "";
    };
    const tell = () => {
      for (const box of widget.node.querySelectorAll(".adv-panel .adv-opened textarea")) {
        const folds = box.closest(".adv-panel").querySelectorAll("details[data-fold][open]");
        const said = JSON.stringify(Array.from(folds, fold => fold.dataset.fold));
        if (box.value !== said) enter(box, said);
      }
    };
    widget.node.addEventListener("toggle", event => {
      const fold = event.target;
      if (!fold.matches || !fold.matches(".adv details") || !fold.isConnected || !name(fold)) return;
      if (fold.open) open.add(name(fold)); else open.delete(name(fold));
      tell();
    }, true);
    widget.node.addEventListener("focusin", event => {
      focused = event.target.matches(".adv details > summary") ? name(event.target.parentElement) : "";
    });
    new MutationObserver(() => {
      const lost = focused && document.activeElement === document.body;
      for (const fold of open.size || lost ? widget.node.querySelectorAll(".adv details") : []) {
        if (open.has(name(fold))) fold.open = true;
        if (lost && name(fold) === focused) fold.querySelector("summary").focus({ preventScroll: true });
      }
      tell();
    }).observe(widget.node, { childList: true, subtree: true });
  }

  // A value into an input of the kernel's, as if it was typed.
  function enter(input, value) {
    input.value = value;
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  // Links within a panel: to a fold of it, to another notebook, to the form that replaces a figure.
  function follow(app, widget, event) {
    const link = event.target.closest && event.target.closest("a[href], button[data-own]");
    if (!link || !widget.node.contains(link)) return;
    const folder = widget.context.path.replace(/[^/]*$/, ""), to = link.getAttribute("href") || "";
    let done = true;
    if (link.dataset.notebook) app.commands.execute("docmanager:open", { path: folder + link.dataset.notebook });
    else if (link.dataset.own) own(link.closest(".adv-panel"), link.dataset.own);
    else if (to.startsWith("#fold-")) {
      const fold = widget.node.querySelector("details#" + CSS.escape(to.slice(1)));
      if (fold) { fold.open = true; fold.querySelector("summary").focus(); fold.scrollIntoView({ block: "start" }); }
    } else done = false;
    if (done) { event.preventDefault(); event.stopPropagation(); }
  }

  function own(panel, name) {
    const place = panel && panel.querySelector(".adv-own-figure");
    if (!place) return;
    const box = () => place.querySelector("input[type=text]"), button = place.querySelector("button");
    if (button && !(box() && box().checkVisibility())) button.click();
    let looks = 25, stays = 0;   // the kernel may still be drawing: the name is put until it stays
    const put = () => {
      const input = box();
      if (input && input.checkVisibility()) {
        stays = input.value === name ? stays + 1 : 0;
        if (!stays) {
          enter(input, name);
          input.focus();
          place.scrollIntoView({ block: "center" });
        }
      }
      if (stays < 3 && --looks > 0) setTimeout(put, 200);
    };
    put();
  }

  function empty(widget) {
    return Array.from(widget.content.widgets).every(cell => !cell.model.outputs || cell.model.outputs.length === 0);
  }

  // The command runs whatever page is in front: one that was left before its kernel was there runs when it is
  // in front again.
  async function run(app, widget) {
    if (widget.advising) return;
    widget.advising = true;
    const session = widget.sessionContext;
    try {
      await widget.context.ready;
      await session.ready;
      if (!session.session || !session.session.kernel) await session.initialize();
      await session.session.kernel.info;
      if (app.shell.currentWidget !== widget) return;
      say(widget, told(widget, "working"));
      await app.commands.execute("notebook:run-all-cells");
    } finally {
      widget.advising = false;
      say(widget, "");
    }
  }

  function watch(app, widget) {
    widget.node.classList.add("adv-lab");
    widget.toolbar.hide();
    keepFolds(widget);
    widget.node.addEventListener("click", event => follow(app, widget, event), true);
    const session = widget.sessionContext;
    const again = async () => {
      say(widget, told(widget, "starting"));
      try {
        if (session.session && session.session.kernel && !LOST.has(session.session.kernel.status))
          await session.restartKernel();
        else
          await session.changeKernel({ name: (session.prevKernelName || "python3") });
      } catch (error) {
        say(widget, told(widget, "failed").replace("{error}", error.message), told(widget, "retry"), again);
        return;
      }
      app.shell.activateById(widget.id);
      await run(app, widget);
    };
    const lost = () => say(widget, told(widget, "gone"), told(widget, "on"), again);
    session.statusChanged.connect((_, status) => { if (LOST.has(status)) lost(); });
    session.kernelChanged.connect((_, change) => { if (change.oldValue && !change.newValue) lost(); });
    return lost;
  }

  const plugin = {
    id: "advisor-workshop:plugin",
    autoStart: true,
    activate: app => {
      const style = document.createElement("style");
      style.textContent = STYLE;
      document.head.append(style);
      app.commands.addCommand("advisor:projector", {
        label: "Advisor: projector mode (text of 18 px and more)",
        isToggled: () => document.body.classList.contains("adv-projector"),
        execute: () => { document.body.classList.toggle("adv-projector"); }
      });
      app.commands.addCommand("advisor:code", {
        label: "Advisor: show or hide code and the notebook's toolbar",
        execute: () => {
          const widget = app.shell.currentWidget;
          if (isPage(widget)) widget.toolbar.setHidden(!widget.node.classList.toggle("adv-lab-show-code"));
        }
      });
      app.commands.addKeyBinding({ command: "advisor:projector", keys: ["Alt P"], selector: "body" });
      app.commands.addKeyBinding({ command: "advisor:code", keys: ["Alt C"], selector: "body" });
      app.restored.then(() => {
        const lost = new WeakMap();   // of each page that is watched: what tells that its kernel has gone
        const look = () => {
          const widget = app.shell.currentWidget;
          if (!isPage(widget)) return;
          if (app.shell.leftCollapsed === false && !look.folded) { look.folded = true; app.shell.collapseLeft(); }
          if (!lost.has(widget)) lost.set(widget, watch(app, widget));
          if (empty(widget)) run(app, widget).catch(lost.get(widget));
        };
        app.shell.currentChanged?.connect(look);
        look();
      });
    }
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["advisor-workshop"] = {
    init: () => undefined,
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin }))
  };
})();
