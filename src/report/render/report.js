"use strict";

// The page is complete without this script. With it, tables sort and filter, the map answers the
// keyboard, and weights can be tried. The first half computes what the engine computes (src/index)
// and touches no page, so that a test can hold the two against each other.

const engine = (() => {
  // Shares such as 0.1 + 0.2 differ from 0.3 in the last bit.
  const SLACK = 1e-12;
  const TOP = 10;
  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const same = (x) => x;

  // Means as the arithmetic mean of `into`, read back by `back`, between the bounds of the children.
  const MEANS = {
    arithmetic: () => ({ into: same, back: same, bound: same }),
    geometric: ({ floor }) => ({ into: (x) => Math.log(Math.max(x, floor)), back: Math.exp, bound: (x) => Math.max(x, floor) }),
    harmonic: ({ floor }) => ({ into: (x) => 1 / Math.max(x, floor), back: (y) => 1 / y, bound: (x) => Math.max(x, floor) }),
    inform_inverted_geometric: () => ({
      into: (x) => Math.log(((TOP - clamp(x, 0, TOP)) / TOP) * 9 + 1),
      back: (y) => ((TOP - Math.exp(y)) / 9) * TOP,
      bound: (x) => clamp(x, 0, TOP),
    }),
  };

  // The other operators, over the present children that weigh something: [place, value, weight].
  const OTHERS = {
    power({ exponent, floor = 0 }, seen, low, high) {
      if (exponent === 0) return mean(MEANS.geometric({ floor }), seen, low, high);
      const [least, most] = [Math.max(low, floor), Math.max(high, floor)];
      // Scaled by the child that dominates, so that no power overflows.
      const unit = exponent > 0 ? most : least;
      if (unit === 0) return 0;
      const sum = weighted(seen, (x) => Math.expm1(exponent * Math.log(Math.max(x, floor) / unit)));
      return clamp(unit * Math.exp(Math.log1p(sum) / exponent), least, most);
    },
    max: (_, seen, low, high) => high,
    min: (_, seen, low) => low,
    scaled_max: ({ factors }, seen) => seen.reduce((most, [k, x]) => (k < factors.length ? Math.max(most, factors[k] * x) : most), -Infinity),
    threshold_table({ below = 0, steps }, seen, low, high) {
      const x = mean(MEANS.arithmetic(), seen, low, high);
      return steps.reduce((score, [edge, step]) => (edge <= x ? step : score), below);
    },
    override: ({ at_or_above }, seen, low, high) => (high >= at_or_above ? high : mean(MEANS.arithmetic(), seen, low, high)),
    decayed_sum({ retain, cap = TOP }, seen, low, high, weights) {
      const decayed = (k, w) => w * retain ** k;
      let [present, sum, all, heavy, total] = [0, 0, 0, 0, 0];
      for (const [k, x, w] of seen) {
        present += decayed(k, w);
        sum += decayed(k, w) * x;
      }
      weights.forEach((w, k) => {
        all += decayed(k, w);
        total += w;
        heavy += w > 0 ? 1 : 0;
      });
      return present > 0 ? Math.min((sum / present) * (all / (total / heavy)), cap) : NaN;
    },
  };

  function weighted(seen, into) {
    let sum = 0;
    let total = 0;
    for (const [, x, w] of seen) {
      sum += w * into(x);
      total += w;
    }
    return sum / total;
  }

  function mean({ into, back, bound }, seen, low, high) {
    return clamp(back(weighted(seen, into)), bound(low), bound(high));
  }

  /** A tree from its nodes ({id, operator, minimum_coverage, children: [[id, weight]]}) and the ids of its leaves. */
  function makeTree({ root, nodes, leaves }) {
    const leaf = new Map(leaves.map((id, i) => [id, i]));
    const place = new Map(nodes.map((n, i) => [n.id, i]));
    let edges = 0;
    const made = nodes.map((n) => {
      const first = edges;
      edges += n.children.length;
      const children = n.children.map(([id]) => (place.has(id) ? { node: place.get(id) } : { leaf: leaf.get(id) }));
      const means = MEANS[n.operator.kind];
      return { id: n.id, operator: n.operator, coverage: n.minimum_coverage, first, children, mean: means ? means(n.operator) : null };
    });
    const order = [];
    const visit = (n) => {
      made[n].children.forEach((c) => c.node !== undefined && visit(c.node));
      order.push(n);
    };
    visit(place.get(root));
    const ids = nodes.flatMap((n) => n.children.map(([id]) => [n.id, id]));
    return { nodes: made, order, root: place.get(root), edges: ids, weights: nodes.flatMap((n) => n.children.map(([, w]) => w)) };
  }

  /** One column of scores per leaf; missing is NaN in columns, and null everywhere else. */
  function columnsOf(rows, leaves) {
    return Array.from({ length: leaves }, (_, i) => Float64Array.from(rows, (row) => (Number.isFinite(row[i]) ? row[i] : NaN)));
  }

  const portion = (node, list) => list.slice(node.first, node.first + node.children.length);
  const enough = (present, all, node) => (all > 0 ? clamp(present / all, 0, 1) : 0) + SLACK >= node.coverage;

  /**
   * What stays the same in every draw. `judging` are the weights of the coverage rules: where weights vary around a
   * set, how much must be known stays as the set says.
   */
  function prepare(tree, columns, judging) {
    const units = columns.length ? columns[0].length : 0;
    const lists = tree.nodes.map((node) => (node.mean && node.children.every((c) => c.leaf !== undefined) ? leavesSeen(node, columns, portion(node, judging), units) : null));
    return { columns, judging, units, lists };
  }

  // Of each unit the children that count, one after the other, as the mean sees them; none where too little is known.
  function leavesSeen(node, columns, judging, units) {
    const own = node.children.map((c) => columns[c.leaf]);
    const all = judging.reduce((a, b) => a + b, 0);
    const [start, child, into] = [new Uint32Array(units + 1), [], []];
    const [low, high] = [new Float64Array(units), new Float64Array(units)];
    for (let u = 0; u < units; u += 1) {
      const known = own.map((column, k) => k).filter((k) => own[k][u] === own[k][u]);
      const counts = enough(known.reduce((sum, k) => sum + judging[k], 0), all, node) ? known.filter((k) => judging[k] > 0) : [];
      for (const k of counts) {
        child.push(k);
        into.push(node.mean.into(own[k][u]));
      }
      low[u] = node.mean.bound(Math.min(...counts.map((k) => own[k][u])));
      high[u] = node.mean.bound(Math.max(...counts.map((k) => own[k][u])));
      start[u + 1] = child.length;
    }
    return { start, child: Uint16Array.from(child), into: Float64Array.from(into), low, high };
  }

  /** A column of values per node. */
  function evaluate(tree, prepared, weights) {
    const values = tree.nodes.map(() => null);
    for (const n of tree.order) {
      const node = tree.nodes[n];
      if (prepared.lists[n]) {
        values[n] = meanOfLeaves(node, prepared.lists[n], portion(node, weights), prepared.units);
        continue;
      }
      const own = node.children.map((c) => (c.leaf === undefined ? values[c.node] : prepared.columns[c.leaf]));
      values[n] = column(node, own, portion(node, weights), portion(node, prepared.judging), prepared.units);
    }
    return values;
  }

  function meanOfLeaves(node, { start, child, into, low, high }, weights, units) {
    const out = new Float64Array(units).fill(NaN);
    for (let u = 0; u < units; u += 1) {
      const end = start[u + 1];
      if (start[u] === end) continue;
      let sum = 0;
      let total = 0;
      for (let i = start[u]; i < end; i += 1) {
        const w = weights[child[i]];
        sum += w * into[i];
        total += w;
      }
      const value = clamp(node.mean.back(sum / total), low[u], high[u]);
      if (Number.isFinite(value)) out[u] = value;
    }
    return out;
  }

  function column(node, own, weights, judging, units) {
    const out = new Float64Array(units).fill(NaN);
    const all = judging.reduce((a, b) => a + b, 0);
    for (let u = 0; u < units; u += 1) {
      let present = 0;
      let low = Infinity;
      let high = -Infinity;
      let sum = 0;
      let total = 0;
      for (let k = 0; k < own.length; k += 1) {
        const x = own[k][u];
        if (x !== x) continue;
        present += judging[k];
        if (!(weights[k] > 0)) continue;
        if (node.mean) sum += weights[k] * node.mean.into(x);
        total += weights[k];
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (low > high || !enough(present, all, node)) continue;
      const value = node.mean ? clamp(node.mean.back(sum / total), node.mean.bound(low), node.mean.bound(high)) : other(node.operator, own, weights, u, low, high);
      if (Number.isFinite(value)) out[u] = value;
    }
    return out;
  }

  function other(operator, own, weights, u, low, high) {
    const seen = own.map((column, k) => [k, column[u], weights[k]]).filter(([, x, w]) => x === x && w > 0);
    return OTHERS[operator.kind](operator, seen, low, high, weights);
  }

  /** 1 is the highest; equal scores share the lowest number, before any rounding. */
  function ranks(scores) {
    const sorted = scores.filter((x) => x === x).sort();
    const out = new Array(scores.length);
    for (let u = 0; u < scores.length; u += 1) out[u] = scores[u] === scores[u] ? 1 + sorted.length - upTo(sorted, scores[u]) : null;
    return out;
  }

  // How many of ascending numbers are at most x.
  function upTo(sorted, x) {
    let from = 0;
    let to = sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sorted[middle] <= x) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Place of the class of a score; an edge belongs to the class above it. */
  const classOf = (score, edges) => edges.filter((edge) => edge <= score).length;

  /** Scores of all nodes, best and worst case, and ranks under the given weights. */
  function score(tree, rows, leaves, weights) {
    const columns = columnsOf(rows, leaves);
    const values = evaluate(tree, prepare(tree, columns, weights), weights);
    const filled = (fill) => evaluate(tree, prepare(tree, columns.map((c) => c.map((x) => (x === x ? x : fill))), weights), weights)[tree.root].map((x) => (x === x ? x : fill));
    const [best, worst] = [filled(0), filled(TOP)];
    const scores = values[tree.root];
    const place = ranks(scores);
    const known = (x) => (x === x ? x : null);
    return rows.map((_, u) => ({
      score: known(scores[u]),
      rank: place[u],
      nodes: values.map((v) => known(v[u])),
      best: Math.min(best[u], worst[u]),
      worst: Math.max(best[u], worst[u]),
    }));
  }

  // Uniform numbers from a seed (mulberry32): the same page gives the same intervals.
  function uniform(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** Ranks that hold nine of ten draws in which each weight varies on its own by up to ±phi, rounded outward. */
  function intervals(tree, rows, leaves, weights, { draws = 400, phi = 0.25, seed = 0 } = {}) {
    const prepared = prepare(tree, columnsOf(rows, leaves), weights);
    const next = uniform(seed);
    const units = rows.length;
    const seen = new Uint32Array(units * (units + 1));
    for (let d = 0; d < draws; d += 1) {
      const varied = weights.map((w) => w * (1 - phi + 2 * phi * next()));
      const drawn = ranks(evaluate(tree, prepared, varied)[tree.root]);
      for (let u = 0; u < units; u += 1) if (drawn[u] !== null) seen[u * (units + 1) + drawn[u]] += 1;
    }
    return rows.map((_, u) => {
      const counts = seen.subarray(u * (units + 1), (u + 1) * (units + 1));
      const total = counts.reduce((a, b) => a + b, 0);
      return total ? [Math.floor(quantile(counts, total, 0.05)), Math.ceil(quantile(counts, total, 0.95))] : null;
    });
  }

  // Type 7, from how often each rank was seen.
  function quantile(counts, total, q) {
    const at = (total - 1) * q;
    const value = (place) => {
      let passed = 0;
      return counts.findIndex((n) => (passed += n) > place);
    };
    const low = value(Math.floor(at));
    return low + (at - Math.floor(at)) * (value(Math.ceil(at)) - low);
  }

  /** Weights as a weight set that the program reads; null where a dimension has no weight left. */
  function weightSet(tree, weights, kind, day) {
    const tables = tree.nodes.map((node) => {
      const own = weights.slice(node.first, node.first + node.children.length);
      const lines = own.map((w, k) => `${tree.edges[node.first + k][1]} = ${Number.isInteger(w) ? w.toFixed(1) : w}`);
      return own.some((w) => w > 0) ? `[method.weights.${node.id}]\n${lines.join("\n")}\n` : null;
    });
    if (tables.includes(null)) return null;
    return `# indicators/${kind}/weights/own.toml\nname = "own"\nversion = "1.0"\nrationale = "Tried on the page of the edition of ${day}."\n\n[method]\nkind = "given"\n\n${tables.join("\n")}`;
  }

  /** The weights that differ from the edition's, for a link, and back. */
  function fragment(tree, weights, kind) {
    const changed = weights.map((w, e) => (w === tree.weights[e] ? null : `${tree.edges[e].join(".")}:${w}`)).filter(Boolean);
    return changed.length ? `${kind}/${changed.join(",")}` : "";
  }

  function fromFragment(tree, text, kind) {
    const weights = tree.weights.slice();
    const own = text.split(";").find((part) => part.startsWith(`${kind}/`));
    for (const pair of own ? own.slice(kind.length + 1).split(",") : []) {
      const [name, value] = pair.split(":");
      const edge = tree.edges.findIndex((e) => e.join(".") === name);
      const weight = value ? Number(value) : NaN;
      if (edge >= 0 && weight >= 0 && weight <= 1) weights[edge] = weight;
    }
    return weights;
  }

  return { makeTree, score, intervals, ranks, classOf, weightSet, fragment, fromFragment };
})();

function start() {
  const data = JSON.parse(document.getElementById("embedded").textContent);
  const words = data.words;
  const locale = { en: "en-GB", fr: "fr", ar: "ar-u-nu-latn" }[data.language];
  const decimals = (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [whole, one] = [decimals(0), decimals(1)];
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const isolate = (text) => make("bdi", { dir: "ltr", textContent: text });

  all("section.ranking").forEach((section) => ranking(section, data.kinds[section.dataset.kind]));
  cards();
  map();

  /** A ranking that sorts and filters, and follows other weights where the page has the scores. */
  function ranking(section, form) {
    const table = section.querySelector("table");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const tools = section.querySelector(".tools");
    const state = make("p", { className: "note", role: "status" });
    let order = { column: 0, descending: false };

    const key = (row, column) => {
      const cell = row.cells[column];
      if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
      const text = cell.textContent.trim();
      return table.tHead.rows[0].cells[column].classList.contains("n") ? (/\d/.test(text) ? numberIn(text) : NaN) : text;
    };
    const sort = () => {
      const keys = new Map(rows.map((row) => [row, key(row, order.column)]));
      const sign = order.descending ? -1 : 1;
      // What is missing comes last in both directions.
      const gap = (x) => x === "" || x !== x;
      rows.sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (gap(x) || gap(y)) return gap(x) - gap(y);
        return sign * (typeof x === "string" ? x.localeCompare(y, locale) : x - y);
      });
      body.append(...rows);
      [...table.tHead.rows[0].cells].forEach((cell, k) => {
        if (k === order.column) cell.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
      });
    };
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = make("button", { type: "button", className: "sort" });
      button.append(...cell.childNodes);
      button.addEventListener("click", () => {
        order = { column, descending: order.column === column ? !order.descending : false };
        sort();
      });
      cell.append(button);
    });

    const text = make("input", { type: "search" });
    const classes = make("select", {}, make("option", { value: "", textContent: words.all_classes }));
    classes.append(...data.classes.map((c) => make("option", { value: c.id, textContent: c.label })));
    const filter = () => {
      const wanted = plain(text.value);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !plain(row.textContent).includes(wanted) || (classes.value !== "" && !row.querySelector(`.class.${CSS.escape(classes.value)}`));
        shown += row.hidden ? 0 : 1;
      }
      state.replaceChildren(`${words.shown}${words.colon} `, isolate(`${shown} / ${rows.length}`));
    };
    text.addEventListener("input", filter);
    classes.addEventListener("change", filter);
    const refresh = () => {
      sort();
      filter();
    };
    tools.append(make("label", {}, words.filter, text), make("label", {}, words.class, classes));
    tools.hidden = false;
    tools.after(state);
    if (form) weights(section, form, tools, rows, refresh);
    refresh();
  }

  /** Sliders for every weight, and everything that follows from them. */
  function weights(section, form, tools, rows, refresh) {
    const kind = section.dataset.kind;
    const tree = engine.makeTree(form);
    const scores = form.units.map((u) => u.scores);
    const edges = data.classes.map((c) => c.at).filter((x) => x !== null);
    const own = new Map(rows.map((row) => [row, [...row.cells].map((cell) => cell.cloneNode(true))]));
    const row_of = new Map(rows.map((row) => [row.dataset.unit, row]));
    const drawn = mapOf(form.units.map((u) => u.id));
    let current = tree.weights.slice();
    let waiting = false;

    const first = make("p", { className: "first" });
    const said = make("p", { className: "note", role: "status" });
    const back = make("button", { type: "button", textContent: words.as_analysts, disabled: true });
    const again = make("button", { type: "button", textContent: words.as_analysts });
    const banner = make("p", { className: "banner", hidden: true }, `${words.with_weights} `, again);
    const link = make("a", { className: "button", textContent: words.link });
    const save = make("a", { className: "button", textContent: words.save, download: "own.toml" });
    const shown = make("pre", { dir: "ltr", lang: "en", tabIndex: 0 });
    shown.setAttribute("aria-label", "own.toml");

    const sliders = tree.edges.map(([node, child], e) => {
      const input = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: current[e] });
      const output = make("output");
      input.addEventListener("input", () => {
        current[e] = Number(input.value);
        soon();
      });
      input.addEventListener("change", settle);
      return { node, input, output, label: make("label", {}, make("span", { textContent: form.labels[child] }), output, input) };
    });
    const groups = [...tree.nodes].sort((a, b) => (b.id === form.root) - (a.id === form.root)).map((node) => {
      const inside = sliders.filter((s) => s.node === node.id).map((s) => s.label);
      return make("fieldset", {}, make("legend", { textContent: form.labels[node.id] }), ...inside);
    });
    const panel = make("details", { className: "tune" }, make("summary", { textContent: words.try_weights }));
    panel.append(make("div", {}, make("p", { className: "note", textContent: words.weights_note }), first, make("div", { className: "sliders" }, ...groups), make("p", { className: "buttons" }, back, link, save), said, shown));
    tools.before(panel);
    tools.after(banner);

    function soon() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        show();
      });
    }

    function show() {
      const changed = current.some((w, e) => w !== tree.weights[e]);
      const results = engine.score(tree, scores, form.leaves.length, current);
      const ranges = changed ? engine.intervals(tree, scores, form.leaves.length, current, { seed: data.seed }) : [];
      form.units.forEach((unit, u) => {
        const row = row_of.get(unit.id);
        restore(row);
        if (changed) rewrite(row, unit, results[u], ranges[u]);
        drawn(unit.id, changed ? classId(results[u].score) : unit.class, changed ? results[u].rank : unit.rank, results[u].score);
      });
      sliders.forEach(({ node, input, output }, e) => {
        const total = sliders.reduce((sum, s, k) => sum + (s.node === node ? current[k] : 0), 0);
        input.value = current[e];
        const share = `${whole.format(total > 0 ? (100 * current[e]) / total : 0)}${data.language === "fr" ? "\u202f" : ""}%`;
        output.replaceChildren(isolate(share));
        input.setAttribute("aria-valuetext", share);
      });
      back.disabled = !changed;
      banner.hidden = !changed;
      section.classList.toggle("tuned", changed);
      preview(results, changed);
      files();
      refresh();
    }

    function restore(row) {
      own.get(row).forEach((cell, k) => {
        row.cells[k].replaceChildren(...cell.cloneNode(true).childNodes);
        if (cell.dataset.v !== undefined) row.cells[k].dataset.v = cell.dataset.v;
      });
    }

    function rewrite(row, unit, result, range) {
      const cell = (name) => row.querySelector(`.c-${name}`);
      const moved = result.rank !== unit.rank && unit.rank !== null;
      cell("rank").replaceChildren(make("strong", { textContent: result.rank ?? "–" }), ...(moved ? [" ", make("span", { className: "note" }, isolate(`(${unit.rank})`))] : []));
      cell("range").replaceChildren(...(range ? [isolate(range[0] === range[1] ? range[0] : `${range[0]}–${range[1]}`), plot(range, result.rank, rows.length)] : ["–"]));
      cell("score").replaceChildren(make("strong", {}, isolate(written(result.score))));
      const place = result.score === null ? -1 : engine.classOf(result.score, edges);
      cell("class").dataset.v = place;
      cell("class").replaceChildren(place < 0 ? "–" : make("span", { className: `class ${data.classes[place].id}`, textContent: data.classes[place].label }));
      cell("chance")?.replaceChildren("–");
      cell("bounds").replaceChildren(isolate(`${written(result.best)}–${written(result.worst)}`));
      all(".c-dimension", row).forEach((c) => c.replaceChildren(isolate(written(result.nodes[tree.nodes.findIndex((n) => n.id === c.dataset.d)]))));
    }

    const written = (x) => (x === null ? "–" : one.format(x));
    const classId = (score) => (score === null ? null : data.classes[engine.classOf(score, edges)].id);

    function preview(results, changed) {
      const best = results.map((r, u) => [r, form.units[u]]).filter(([r]) => r.rank !== null).sort(([a], [b]) => a.rank - b.rank).slice(0, 5);
      const parts = best.flatMap(([r, unit], k) => [k ? " · " : "", make("bdi", { textContent: `${r.rank} ${unit.name}` })]);
      const movers = results.filter((r, u) => r.rank !== form.units[u].rank).length;
      first.replaceChildren(make("strong", { textContent: `${changed ? words.with_weights : words.as_analysts}${words.colon} ` }), ...parts, ` — ${words.moved}${words.colon} `, isolate(String(movers)));
    }

    function files() {
      const set = engine.weightSet(tree, current, kind, data.as_of);
      const part = engine.fragment(tree, current, kind);
      link.href = part ? `#w=${part}` : "#";
      shown.textContent = set ?? words.no_weight_left;
      if (set) save.href = `data:application/toml;charset=utf-8,${encodeURIComponent(set)}`;
      else save.removeAttribute("href");
    }

    // The address keeps the weights, so that it can be passed on; other rankings keep theirs in it.
    function settle() {
      const others = carried().split(";").filter((part) => !part.startsWith(`${kind}/`));
      const parts = [...others, engine.fragment(tree, current, kind)].filter(Boolean);
      history.replaceState(null, "", parts.length ? `#w=${parts.join(";")}` : location.pathname + location.search);
      said.textContent = first.textContent;
    }

    function reset() {
      current = tree.weights.slice();
      show();
      settle();
    }
    back.addEventListener("click", reset);
    again.addEventListener("click", () => {
      reset();
      panel.querySelector("summary").focus();
    });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      settle();
      navigator.clipboard?.writeText(location.href).then(() => (said.textContent = words.copied), () => {});
    });
    const read = () => {
      if (!location.hash.startsWith("#w=")) return;
      current = engine.fromFragment(tree, carried(), kind);
      show();
      if (current.some((w, e) => w !== tree.weights[e])) panel.open = true;
    };
    addEventListener("hashchange", read);
    show();
    read();
  }

  /** The weights that the address carries; nothing where it was mangled on its way. */
  function carried() {
    try {
      return location.hash.startsWith("#w=") ? decodeURIComponent(location.hash.slice(3)) : "";
    } catch {
      return "";
    }
  }

  /** A rank with its interval on a line from the first to the last. */
  function plot([low, high], rank, of) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "span");
    svg.setAttribute("viewBox", `0 0 ${of} 8`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    [["whole", `M0 4H${of}`], ["range", `M${low - 1} 4H${high}`], ["at", `M${rank - 1} 4h1`]].forEach(([name, d]) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("class", name);
      path.setAttribute("d", d);
      svg.append(path);
    });
    return svg;
  }

  /** Recolours the units of a ranking on the map. */
  function mapOf(ids) {
    const places = new Map(ids.map((id) => [id, all(`svg.map [data-unit="${CSS.escape(id)}"]`)]));
    const numbers = new Map(ids.map((id) => [id, document.querySelector(`svg.map [data-rank="${CSS.escape(id)}"]`)]));
    return (id, name, rank, score) => {
      const number = numbers.get(id);
      if (number) {
        number.textContent = rank ?? "";
        number.classList.toggle("light", name === "high" || name === "very_high");
      }
      places.get(id).forEach((link) => {
        const shape = link.querySelector(".scored");
        shape.classList.remove(...data.classes.map((c) => c.id));
        if (name) shape.classList.add(name);
        const label = data.classes.find((c) => c.id === name)?.label ?? "–";
        const scored = score === null ? "–" : one.format(score);
        link.setAttribute("aria-label", `${link.dataset.name}${words.colon} ${words.rank} ${rank ?? "–"}, ${words.score} ${scored}, ${label}`);
      });
    };
  }

  /** What an area or crossing is, beside the pointer or the focus. */
  function map() {
    const tip = make("div", { className: "tip", hidden: true });
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
    const hide = () => (tip.hidden = true);
    for (const link of all("svg.map a")) {
      link.querySelector("title")?.remove();
      const show = (x, y) => {
        tip.textContent = link.getAttribute("aria-label");
        tip.hidden = false;
        tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - tip.offsetWidth - 4))}px`;
        tip.style.top = `${Math.max(4, Math.min(y + 12, innerHeight - tip.offsetHeight - 4))}px`;
      };
      link.addEventListener("pointermove", (event) => show(event.clientX, event.clientY));
      link.addEventListener("pointerleave", hide);
      link.addEventListener("blur", hide);
      link.addEventListener("focus", () => {
        const box = link.getBoundingClientRect();
        show((box.left + box.right) / 2, (box.top + box.bottom) / 2);
      });
    }
    addEventListener("scroll", hide, { passive: true });
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
  }

  /** Cards open when a link leads to them, or all at once. */
  function cards() {
    const list = all("details.card");
    const open = () => {
      const card = document.getElementById(location.hash.slice(1))?.closest("details");
      if (!card) return;
      card.open = true;
      card.scrollIntoView();
    };
    const every = (text, wanted) => {
      const button = make("button", { type: "button", textContent: text });
      button.addEventListener("click", () => list.forEach((card) => (card.open = wanted)));
      return button;
    };
    const tools = document.getElementById("card-tools");
    tools.append(every(words.open_all, true), every(words.close_all, false));
    tools.hidden = false;
    // A link to the card that the address names already changes nothing, so the click counts.
    addEventListener("hashchange", open);
    addEventListener("click", (event) => event.target.closest?.('a[href^="#card-"]') && setTimeout(open));
    open();
  }

  /** The first number of a text, whatever the language writes it with. */
  function numberIn(text) {
    const found = /[-−]?\d[\d\u202f\u00a0]*(?:[.,]\d+)?/.exec(text);
    return found ? Number(found[0].replace(/[\u202f\u00a0]/g, "").replace("−", "-").replace(",", ".")) : NaN;
  }

  /** A text without accents and marks, to look for. */
  function plain(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }
}

if (typeof module === "object") module.exports = engine;
else start();
