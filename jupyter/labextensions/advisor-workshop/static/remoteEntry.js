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
    .adv-lab-show-code .jp-CodeCell .jp-Cell-inputWrapper { display: flex; }
    body.adv-projector .adv-lab { --jp-content-font-size1: 19px; --jp-widgets-font-size: 18px; }
    body.adv-projector .adv-lab .adv, body.adv-projector .adv-lab .adv-panel :is(label, input, select, button, span) {
      font-size: 19px !important; height: auto; }
    body.adv-projector .adv-lab .adv :is(small, .adv-range, .adv-muted, .adv-badge, figcaption, .adv-step, td, th, li, p, dd, dt) {
      font-size: max(18px, 1em) !important; }`;

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

  function empty(widget) {
    return Array.from(widget.content.widgets).every(cell => !cell.model.outputs || cell.model.outputs.length === 0);
  }

  async function run(app, widget) {
    const session = widget.sessionContext;
    await widget.context.ready;
    await session.ready;
    if (!session.session || !session.session.kernel) await session.initialize();
    await session.session.kernel.info;
    say(widget, "Working out the answer …");
    try {
      await app.commands.execute("notebook:run-all-cells");
    } finally {
      say(widget, "");
    }
  }

  function watch(app, widget) {
    if (widget.adviser) return;
    widget.adviser = true;
    widget.node.classList.add("adv-lab");
    const session = widget.sessionContext;
    const again = async () => {
      say(widget, "Starting again …");
      try {
        if (session.session && session.session.kernel && !LOST.has(session.session.kernel.status))
          await session.restartKernel();
        else
          await session.changeKernel({ name: (session.prevKernelName || "python3") });
      } catch (error) {
        say(widget, "The kernel does not start: " + error.message, "Try again", again);
        return;
      }
      app.shell.activateById(widget.id);
      await run(app, widget);
    };
    const lost = () => say(widget,
      "The kernel has gone. The last answer stays on screen, and what you changed is kept.", "Go on from there", again);
    session.statusChanged.connect((_, status) => { if (LOST.has(status)) lost(); });
    session.kernelChanged.connect((_, change) => { if (change.oldValue && !change.newValue) lost(); });
    if (empty(widget)) run(app, widget).catch(() => lost());
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
        label: "Advisor: show or hide code",
        execute: () => app.shell.currentWidget && app.shell.currentWidget.node.classList.toggle("adv-lab-show-code")
      });
      app.commands.addKeyBinding({ command: "advisor:projector", keys: ["Alt P"], selector: "body" });
      app.commands.addKeyBinding({ command: "advisor:code", keys: ["Alt C"], selector: "body" });
      app.restored.then(() => {
        const look = () => {
          const widget = app.shell.currentWidget;
          if (!isPage(widget)) return;
          if (app.shell.leftCollapsed === false && !look.folded) { look.folded = true; app.shell.collapseLeft(); }
          watch(app, widget);
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
