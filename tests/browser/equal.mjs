// Scores cases with the page's script: reads [{tree, rows, edges, ...}] and writes what the script makes of them.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const [script, from, to] = process.argv.slice(2);
const engine = createRequire(import.meta.url)(script);
const cases = JSON.parse(readFileSync(from, "utf8"));
// Many made cases need no fine intervals; a few real ones are held to those of the engine.
const draws = cases.length > 10 ? 20 : 400;
const results = cases.map(({ tree: form, rows, edges }) => {
  const tree = engine.makeTree(form);
  const scored = engine.score(tree, rows, form.leaves.length, tree.weights);
  const back = engine.fromFragment({ ...tree, weights: tree.weights.map(() => 0.5) }, engine.fragment({ ...tree, weights: tree.weights.map(() => 0.5) }, tree.weights, "k"), "k");
  return {
    scores: scored.map((r) => r.score),
    ranks: scored.map((r) => r.rank),
    best: scored.map((r) => r.best),
    worst: scored.map((r) => r.worst),
    nodes: scored.map((r) => r.nodes),
    classes: scored.map((r) => (r.score === null ? null : engine.classOf(r.score, edges))),
    intervals: engine.intervals(tree, rows, form.leaves.length, tree.weights, { draws, seed: 7 }),
    set: engine.weightSet(tree, tree.weights, "provinces", "2025-07-31"),
    link_keeps_weights: back.every((w, e) => w === tree.weights[e]),
  };
});
writeFileSync(to, JSON.stringify(results));
