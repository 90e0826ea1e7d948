
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("scripted");

  // Light and dark: as the system says, until somebody says otherwise.
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("mlenvctl-theme", value);
      return localStorage.getItem("mlenvctl-theme");
    } catch {
      return null; // a page from a file may have no storage
    }
  };
  const before = remembered();
  if (before === "light" || before === "dark") root.dataset.theme = before;
  one("#theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remembered(root.dataset.theme);
  });

  // What is joined to a change is no text of its own.
  const own = ".change > summary, .attributes, .packages, .diff, .facts code";
  const changes = all(".change").map((element) => ({
    element,
    number: Number(element.querySelector(".body").id.slice(1)),
    action: element.dataset.action,
    text: all(own, element).map((each) => each.textContent).join(" ").toLowerCase(),
  }));
  const changeOf = new Map(changes.map((change) => [change.number, change]));
  const nodes = all(".node").map((element) => ({ element, number: Number(element.dataset.change) }));
  const edges = all(".edge").map((element) => ({ element, from: Number(element.dataset.from), to: Number(element.dataset.to) }));

  // What the filter lets through, and what a chosen node is joined to.
  let shown = new Set(changeOf.keys());
  let chosen = null;
  let joined = null;
  const paint = () => {
    for (const { element, number } of nodes) {
      element.classList.toggle("faded", !shown.has(number) || (joined !== null && !joined.has(number)));
      element.classList.toggle("chosen", number === chosen);
    }
    for (const { element, from, to } of edges) {
      const lit = joined !== null && joined.has(from) && joined.has(to);
      element.classList.toggle("lit", lit);
      element.classList.toggle("faded", !shown.has(from) || !shown.has(to) || (joined !== null && !lit));
    }
    for (const { element, number } of changes) element.classList.toggle("chosen", number === chosen);
  };

  const text = one("#filter-text");
  const switches = all("[data-filter]");
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = new Set(switches.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.filter));
    const filtering = words.length > 0 || actions.size > 0;
    shown = new Set();
    for (const change of changes) {
      const fits = (actions.size === 0 || actions.has(change.action)) && words.every((word) => change.text.includes(word));
      change.element.hidden = !fits;
      if (fits) shown.add(change.number);
    }
    for (const group of all(".quiet")) {
      const some = all(".change", group).some((each) => !each.hidden);
      group.hidden = !some;
      if (filtering && some) group.open = true;
      if (!filtering && !group.contains(document.activeElement)) group.open = false;
    }
    one("#shown").textContent = filtering ? `${shown.size} of ${changes.length} shown` : "";
    paint();
  };
  if (text) {
    text.addEventListener("input", filter);
    for (const each of switches) {
      each.addEventListener("click", () => {
        each.setAttribute("aria-pressed", String(each.getAttribute("aria-pressed") !== "true"));
        filter();
      });
    }
    one("#unfold").addEventListener("click", (event) => {
      const open = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(open));
      event.currentTarget.textContent = open ? "close all" : "open all";
      for (const each of all(".change, .quiet")) each.open = open;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement !== text) {
        event.preventDefault();
        text.focus();
      } else if (event.key === "Escape") {
        if (document.activeElement === text && text.value) {
          text.value = "";
          filter();
        } else if (chosen !== null) {
          choose(null);
        }
      }
    });
  }

  // A change is opened together with what it is folded into.
  const open = (target) => {
    for (let each = target; each; each = each.parentElement) if (each instanceof HTMLDetailsElement) each.open = true;
  };
  const openHash = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    (target.closest(".change") || target).scrollIntoView({ block: "nearest" });
  };
  addEventListener("hashchange", openHash);
  openHash();

  // All that a node needs and all that needs it.
  const choose = (number) => {
    chosen = number;
    joined = null;
    const panel = one("#selected");
    if (number === null) {
      panel.hidden = true;
      return paint();
    }
    joined = new Set([number]);
    const counts = [];
    for (const [begin, end] of [["from", "to"], ["to", "from"]]) {
      const next = new Map();
      for (const edge of edges) next.set(edge[begin], [...(next.get(edge[begin]) || []), edge[end]]);
      const found = [number];
      for (const each of found) {
        for (const other of next.get(each) || []) {
          if (joined.has(other)) continue;
          joined.add(other);
          found.push(other);
        }
      }
      counts.push(found.length - 1);
    }
    const change = changeOf.get(number);
    const link = document.createElement("a");
    link.href = `#c${number}`;
    link.append(change.element.querySelector(".address").textContent);
    panel.replaceChildren(link, ` needs ${counts[0]}, is needed by ${counts[1]}`);
    panel.hidden = false;
    paint();
  };

  const svg = one("#picture");
  if (svg) {
    const canvas = svg.parentElement;
    const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const whole = svg.getAttribute("viewBox");
    let view = { x: left, y: top, scale: 1 }; // the top left corner and pixels of the screen for one of the picture
    const size = () => ({ width: canvas.clientWidth || 1, height: canvas.clientHeight || 1 });
    const fitting = () => Math.min(size().width / width, size().height / height);
    const smallest = () => Math.min(0.2, fitting());
    const largest = 3;
    const show = () => {
      const { width: w, height: h } = size();
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${w / view.scale} ${h / view.scale}`);
    };
    const zoom = (factor, at = { x: size().width / 2, y: size().height / 2 }) => {
      const scale = Math.min(largest, Math.max(smallest(), view.scale * factor));
      if (scale === view.scale) return false;
      view = { x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale, scale };
      show();
      return true;
    };
    const boxOf = (element) => {
      const rect = element.querySelector("rect");
      return Object.fromEntries(["x", "y", "width", "height"].map((name) => [name, Number(rect.getAttribute(name))]));
    };
    // Where the nodes are that are not faded; everything when all are the same.
    const lit = () => {
      const boxes = nodes.filter(({ element }) => !element.classList.contains("faded")).map(({ element }) => boxOf(element));
      if (boxes.length === 0 || boxes.length === nodes.length) return { x: left, y: top, width, height };
      const rim = 12;
      const x = Math.min(...boxes.map((box) => box.x)) - rim, y = Math.min(...boxes.map((box) => box.y)) - rim;
      const right = Math.max(...boxes.map((box) => box.x + box.width)), bottom = Math.max(...boxes.map((box) => box.y + box.height));
      return { x, y, width: right + rim - x, height: bottom + rim - y };
    };
    const fit = (least) => {
      const { width: w, height: h } = size();
      const part = lit();
      const scale = Math.min(1, Math.max(w / part.width, least), Math.max(h / part.height, least));
      const middle = (begin, length, room) => (length * scale <= room ? begin - (room / scale - length) / 2 : begin);
      view = { x: middle(part.x, part.width, w), y: middle(part.y, part.height, h), scale };
      show();
    };
    // A graph that is small needs no tall frame.
    const wide = matchMedia("(min-width: 1200px)");
    const readable = 0.35;
    const frame = () => {
      const scale = Math.min(1, Math.max(size().width / width, readable));
      canvas.style.maxHeight = `${Math.max(wide.matches ? 360 : 160, Math.ceil(height * scale) + 2)}px`;
    };
    frame();
    fit(readable);
    new ResizeObserver(show).observe(canvas);
    addEventListener("resize", frame);

    svg.addEventListener("wheel", (event) => {
      const box = svg.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 30;
      if (zoom(Math.exp(-pixels / 400), at)) event.preventDefault();
    }, { passive: false });
    let drag = null;
    let moved = false;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { x: event.clientX, y: event.clientY, view: { ...view } };
      moved = false;
    });
    svg.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const x = event.clientX - drag.x, y = event.clientY - drag.y;
      if (!moved && Math.hypot(x, y) < 4) return;
      if (!moved) svg.setPointerCapture(event.pointerId);
      moved = true;
      svg.classList.add("dragged");
      view = { ...view, x: drag.view.x - x / view.scale, y: drag.view.y - y / view.scale };
      show();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => {
        drag = null;
        svg.classList.remove("dragged");
      });
    }
    svg.addEventListener("dragstart", (event) => event.preventDefault());
    svg.addEventListener("click", (event) => {
      const node = event.target.closest(".node");
      event.preventDefault();
      if (moved) {
        moved = false;
        return;
      }
      if (!node) return choose(null);
      const number = Number(node.dataset.change);
      choose(number);
      const { element } = changeOf.get(number);
      element.hidden = false;
      open(element);
      if (wide.matches) element.scrollIntoView({ block: "nearest" });
    });
    // A node that the keyboard reaches is brought into sight.
    svg.addEventListener("focusin", (event) => {
      const node = event.target.closest(".node");
      if (!node || !node.matches(":focus-visible")) return;
      const { x, y, width: w, height: h } = boxOf(node);
      const room = { width: size().width / view.scale, height: size().height / view.scale };
      if (x < view.x || x + w > view.x + room.width) view.x = x - Math.max(10, (room.width - w) / 2);
      if (y < view.y || y + h > view.y + room.height) view.y = y - Math.max(10, (room.height - h) / 2);
      show();
      canvas.scrollTo(0, 0);
    });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = 60 / view.scale;
      const keys = {
        ArrowLeft: () => { view.x -= step; show(); },
        ArrowRight: () => { view.x += step; show(); },
        ArrowUp: () => { view.y -= step; show(); },
        ArrowDown: () => { view.y += step; show(); },
        "+": () => zoom(1.25),
        "=": () => zoom(1.25),
        "-": () => zoom(0.8),
        0: () => fit(0),
      };
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    one("#zoom-in").addEventListener("click", () => zoom(1.25));
    one("#zoom-out").addEventListener("click", () => zoom(0.8));
    one("#zoom-fit").addEventListener("click", () => fit(0));
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter") fit(0);
    });
    addEventListener("beforeprint", () => svg.setAttribute("viewBox", whole));
    addEventListener("afterprint", show);
  }

  // Paper shows what is folded on the screen.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details:not([open])");
    for (const each of unfolded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of unfolded) each.open = false;
  });
})();
