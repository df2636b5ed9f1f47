
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const HUES = 12;

  // Elements: what comes from the image becomes text or an attribute, never HTML.

  function make(tag, attributes = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  }

  const grouped = new Intl.NumberFormat("en");

  function size(count) {
    const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let value = count;
    let unit = 0;
    for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
    const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return `${value.toFixed(digits)} ${units[unit]}`;
  }

  function percent(part, whole) {
    const share = whole ? part / whole : 0;
    if (share === 0 || share === 1) return `${100 * share} %`;
    return `${Math.min(Math.max(100 * share, 0.01), 99.99).toFixed(2)} %`;
  }

  const exact = (count) => make("span", { title: `${grouped.format(count)} B` }, size(count));
  const counted = (count, one, many) => `${grouped.format(count)} ${count === 1 ? one : many}`;

  function chip(layer) {
    const shown = { class: `chip l${layer % HUES}`, href: `#layer-${layer}`, title: data.commands[layer] };
    return make("a", shown, String(layer));
  }

  // The layer that is looked at, or null: the table of layers, the map and the waste follow it.

  let chosen = null;
  const followers = [];

  function choose(layer) {
    chosen = layer;
    for (const follow of followers) follow();
  }

  function layers() {
    for (const row of document.querySelectorAll("#layers tbody tr")) {
      const link = row.querySelector(".chip");
      const layer = Number(link.textContent);
      const button = make("button", { type: "button", class: link.className, "aria-label": `Layer ${layer}` }, String(layer));
      button.addEventListener("click", () => choose(chosen === layer ? null : layer));
      link.replaceWith(button);
      followers.push(() => {
        button.setAttribute("aria-pressed", String(chosen === layer));
        row.classList.toggle("is-chosen", chosen === layer);
      });
    }
    const help = document.getElementById("layers-help");
    if (help) help.hidden = false;
  }

  // Waste: a table of which only so many rows are elements.

  const PAGE = 100;

  function waste() {
    const body = document.getElementById("waste-rows");
    if (!body) return;
    const rows = data.waste.map(([bytes, kind, changed, path, layer, killer]) => ({
      bytes, kind: data.kinds[kind], changed, path, layer, killer, searched: path.toLowerCase(),
    }));
    const tools = document.getElementById("waste-tools");
    const table = body.closest("table");
    const filter = make("input", { type: "search", placeholder: "Filter paths", "aria-label": "Filter paths" });
    const kinds = choice("Kind", ["All kinds", ...data.kinds.filter((kind) => rows.some((row) => row.kind === kind))]);
    const steps = choice("Layer", ["All layers", ...data.commands.map((command, layer) => `Layer ${layer}: ${command}`)]);
    const shown = make("output", { class: "shown unit" });
    const more = make("button", { type: "button", class: "more" });
    let key = "bytes";
    let ascending = false;
    let found = rows;
    let drawn = 0;

    function choice(label, names) {
      const options = names.map((name, number) => make("option", { value: number }, name.slice(0, 80)));
      return make("select", { "aria-label": label }, ...options);
    }

    function refresh() {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kind = kinds.value === "0" ? null : kinds.selectedOptions[0].textContent;
      found = rows.filter((row) =>
        (kind === null || row.kind === kind) &&
        (chosen === null || row.layer === chosen || row.killer === chosen) &&
        words.every((word) => row.searched.includes(word)));
      const sign = ascending ? 1 : -1;
      found.sort((one, other) =>
        one[key] < other[key] ? -sign : one[key] > other[key] ? sign : other.bytes - one.bytes);
      drawn = 0;
      body.replaceChildren();
      draw();
    }

    function draw() {
      const next = found.slice(drawn, drawn + PAGE);
      drawn += next.length;
      body.append(...next.map(line));
      const sum = found.reduce((total, row) => total + row.bytes, 0);
      shown.replaceChildren(`${counted(found.length, "copy", "copies")}, `, exact(sum));
      if (found.length < rows.length) shown.append(` (of ${grouped.format(rows.length)})`);
      more.hidden = drawn >= found.length;
      more.textContent = `Show ${Math.min(PAGE, found.length - drawn)} more of ${grouped.format(found.length - drawn)}`;
    }

    function line(row) {
      const kind = make("td", {}, row.kind);
      if (row.changed) kind.append(" ", make("small", {}, `(${row.changed})`));
      return make("tr", {},
        make("td", { class: "n" }, exact(row.bytes)), kind,
        make("td", { "data-name": "by" }, chip(row.layer)), make("td", { "data-name": "›" }, chip(row.killer)),
        make("td", { class: "w path" }, row.path));
    }

    for (const head of table.querySelectorAll("th[data-key]")) {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        ascending = key === head.dataset.key ? !ascending : head.dataset.key !== "bytes";
        key = head.dataset.key;
        for (const other of table.querySelectorAll("th[data-key]")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        refresh();
      });
    }
    filter.addEventListener("input", refresh);
    kinds.addEventListener("change", refresh);
    steps.addEventListener("change", () => choose(steps.value === "0" ? null : Number(steps.value) - 1));
    followers.push(() => {
      steps.value = String(chosen === null ? 0 : chosen + 1);
      refresh();
    });
    more.addEventListener("click", draw);
    tools.append(filter, kinds, steps, shown);
    tools.hidden = false;
    table.after(more);
    refresh();
  }

  // The treemap.

  const LEVELS = 4; // of directories in directories; one that holds little beside another counts as none
  const LITTLE = 0.05;
  const LEAST = 36; // square pixels; what would have fewer is gathered with its like
  const HEAD = 18; // pixels of a directory's name above what is in it

  function treemap() {
    const stage = document.getElementById("stage");
    if (!stage || !data.boxes.length) return;
    const boxes = data.boxes.map(([above, name, directory, live, layer, smaller, smallerLive, smallerLayer]) => ({
      above: null, number: above, name, directory: Boolean(directory), live, layer, inside: [], gathered: 0,
      rest: smaller ? { count: smaller, live: smallerLive, layer: smallerLayer } : null,
    }));
    for (const box of boxes.slice(1)) {
      box.above = boxes[box.number];
      box.above.inside.push(box); // largest first, as all of them are
    }
    const root = boxes[0];
    let current = root;
    let tiles = [];

    const crumbs = make("nav", { id: "crumbs", "aria-label": "Directory" });
    const map = make("div", { id: "tiles", role: "tree", "aria-label": "Final filesystem" });
    const pointed = make("p", { id: "pointed" });
    const help = make("span", { class: "note help" }, make("kbd", {}, "↑↓←→"), " move, ", make("kbd", {}, "Enter"), " in, ", make("kbd", {}, "Esc"), " out");
    stage.append(make("div", { class: "place" }, crumbs, help), map, pointed);
    stage.hidden = false;

    function path(box) {
      const names = [];
      for (let at = box; at.above; at = at.above) names.unshift(at.name);
      return `/${names.join("/")}`;
    }

    const named = (box) => (box.gathered ? `${grouped.format(box.gathered)} smaller` : box.directory ? `${box.name}/` : box.name);
    const whole = (box) => (box.gathered ? `${path(box.above)}: ${counted(box.gathered, "smaller path", "smaller paths")}` : path(box));

    const stored = (box) => (box.directory || box.gathered ? "mostly layer" : "layer");

    // M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps" (2000); items are in descending order.
    function squarify(items, x, y, width, height) {
      const places = [];
      let left = items.reduce((sum, item) => sum + item.live, 0);
      while (places.length < items.length) {
        const start = places.length;
        const side = Math.min(width, height);
        const scale = (width * height) / left;
        let end = start;
        let sum = 0;
        for (let worst = Infinity; end < items.length; end++) {
          const area = (sum + items[end].live) * scale;
          const ratio = Math.max((side ** 2 * items[start].live * scale) / area ** 2, area ** 2 / (side ** 2 * items[end].live * scale));
          if (ratio > worst) break;
          worst = ratio;
          sum += items[end].live;
        }
        const thickness = (sum * scale) / side;
        let at = 0;
        for (const item of items.slice(start, end)) {
          const length = (item.live / sum) * side;
          places.push(width >= height ? [x, y + at, thickness, length] : [x + at, y, length, thickness]);
          at += length;
        }
        if (width >= height) { x += thickness; width -= thickness; } else { y += thickness; height -= thickness; }
        left -= sum;
      }
      return places;
    }

    /** What is drawn of a directory in so many square pixels, largest first. */
    function within(directory, area) {
      const least = (LEAST * directory.live) / area;
      const items = directory.inside.filter((box) => box.live >= least);
      const small = directory.inside.slice(items.length);
      const rest = directory.rest || { count: 0, live: 0, layer: directory.layer };
      const live = small.reduce((sum, box) => sum + box.live, rest.live);
      if (live) {
        items.push({ above: directory, gathered: rest.count + small.length, live, layer: rest.live ? rest.layer : small[0].layer, inside: [] });
        items.sort((one, other) => other.live - one.live);
      }
      return items;
    }

    function draw(focused) {
      const { clientWidth: width, clientHeight: height } = map;
      if (!width) return;
      tiles = [];
      const waiting = [{ directory: current, x: 0, y: 0, width, height, levels: LEVELS, outer: true }];
      for (let area = waiting.shift(); area; area = waiting.shift()) {
        const items = within(area.directory, area.width * area.height);
        const levels = area.levels - (items[0].live < (1 - LITTLE) * area.directory.live ? 1 : 0);
        squarify(items, area.x, area.y, area.width, area.height).forEach((place, number) => {
          const [left, top] = [Math.round(place[0]), Math.round(place[1])];
          const [wide, high] = [Math.round(place[0] + place[2]) - left, Math.round(place[1] + place[3]) - top];
          const box = items[number];
          const opened = box.inside.length > 0 && levels > 0 && wide > 60 && high > 44;
          tiles.push({ box, left, top, wide, high, outer: area.outer, opened });
          if (opened) {
            waiting.push({ directory: box, x: left + 3, y: top + HEAD, width: wide - 6, height: high - HEAD - 3, levels, outer: false });
          }
        });
      }
      for (const tile of tiles) tile.element = element(tile);
      map.replaceChildren(...tiles.map((tile) => tile.element));
      mark();
      const reached = tiles.find((tile) => tile.outer && tile.box === focused) || tiles[0];
      reached.element.tabIndex = 0;
      if (focused !== undefined) reached.element.focus({ preventScroll: true });
      point(reached.box);
      trail();
    }

    function element(tile) {
      const { box } = tile;
      const classes = ["tile", `l${box.layer % HUES}`];
      if (tile.opened) classes.push("is-open");
      if (box.gathered) classes.push("is-rest");
      if (box.inside.length) classes.push("leads");
      const made = make("div", {
        class: classes.join(" "),
        title: `${whole(box)}\n${size(box.live)}, ${percent(box.live, root.live)} of the image\n${stored(box)} ${box.layer}: ${data.commands[box.layer]}`,
      });
      // Of the map, so that it fits a sheet of paper too.
      const across = (pixels) => `${(100 * pixels) / map.clientWidth}%`;
      const down = (pixels) => `${(100 * pixels) / map.clientHeight}%`;
      Object.assign(made.style, { left: across(tile.left), top: down(tile.top), width: across(tile.wide), height: down(tile.high) });
      if (tile.outer) {
        const told = `${whole(box)}, ${size(box.live)}, ${percent(box.live, root.live)}, ${stored(box)} ${box.layer}`;
        made.setAttribute("role", "treeitem");
        made.setAttribute("aria-label", told);
        made.tabIndex = -1;
      } else {
        made.setAttribute("aria-hidden", "true");
      }
      if (tile.wide > 34 && tile.high > 16) {
        const bytes = make("span", {}, size(box.live));
        if (tile.opened) made.append(make("b", {}, named(box), bytes));
        else made.append(make("b", {}, named(box)), ...(tile.high > 34 ? [bytes] : []));
      } else {
        made.style.padding = "0";
      }
      return made;
    }

    function trail() {
      const way = [];
      for (let at = current; at; at = at.above) way.unshift(at);
      crumbs.replaceChildren(...way.flatMap((box, depth) => {
        const button = make("button", { type: "button" }, depth ? box.name : "/");
        if (box === current) button.setAttribute("aria-current", "location");
        else button.addEventListener("click", () => open(box, way[depth + 1]));
        return depth > 1 ? ["/", button] : [button];
      }), ` ${size(current.live)}`);
    }

    function point(box) {
      const [bytes, share] = [exact(box.live), percent(box.live, root.live)];
      pointed.replaceChildren(make("code", {}, whole(box)), " ", bytes, `, ${share} of the image, ${stored(box)} `, chip(box.layer), " ",
        make("span", { class: "unit" }, data.commands[box.layer]));
    }

    function mark() {
      map.classList.toggle("is-marked", chosen !== null);
      for (const { box, element: made } of tiles) made.classList.toggle("is-of", box.layer === chosen);
    }

    function open(directory, focused = null) {
      current = directory;
      draw(focused);
    }

    function up() {
      if (current.above) open(current.above, current);
    }

    const tileOf = (node) => tiles.find((tile) => tile.element === node.closest(".tile"));

    function enter({ box }) {
      const directory = box.inside.length ? box : box.above;
      if (directory && directory !== current) open(directory, box === directory ? null : box);
    }

    /** The outer tile whose nearest edge lies in a direction, and of those the one most nearly beside it. */
    function beside(from, dx, dy) {
      const middle = (tile) => [tile.left + tile.wide / 2, tile.top + tile.high / 2];
      const [x, y] = middle(from);
      let best = null;
      let nearest = Infinity;
      for (const tile of tiles) {
        if (!tile.outer || tile === from) continue;
        const ahead = dx > 0 ? tile.left - from.left - from.wide : dx < 0 ? from.left - tile.left - tile.wide
          : dy > 0 ? tile.top - from.top - from.high : from.top - tile.top - tile.high;
        if (ahead < -1) continue;
        const aside = dx ? Math.max(tile.top - y, y - tile.top - tile.high, 0) : Math.max(tile.left - x, x - tile.left - tile.wide, 0);
        if (ahead + 3 * aside < nearest) {
          nearest = ahead + 3 * aside;
          best = tile;
        }
      }
      return best;
    }

    const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

    map.addEventListener("keydown", (event) => {
      const from = tileOf(event.target);
      if (!from || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key in STEPS) {
        const to = beside(from, ...STEPS[event.key]);
        if (to) to.element.focus({ preventScroll: true });
      } else if (event.key === "Enter" || event.key === " ") {
        if (from.box.inside.length) enter(from);
      } else if (event.key === "Backspace" || event.key === "Escape") {
        up();
      } else {
        return;
      }
      event.preventDefault();
    });
    map.addEventListener("focusin", (event) => {
      const tile = tileOf(event.target);
      if (!tile) return;
      for (const other of tiles) if (other.outer) other.element.tabIndex = other === tile ? 0 : -1;
      point(tile.box);
    });
    map.addEventListener("pointerover", (event) => {
      const tile = tileOf(event.target);
      if (tile) point(tile.box);
    });
    map.addEventListener("click", (event) => {
      const tile = tileOf(event.target);
      if (tile) enter(tile);
    });
    followers.push(mark);
    new ResizeObserver(() => draw()).observe(map);
  }

  layers();
  waste();
  treemap();
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("#gate details")) folded.open = true;
  });
})();
