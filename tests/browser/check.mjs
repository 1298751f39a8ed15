// Looks at pages in a real Chromium and reports everything that is wrong with them.
//
//   node check.mjs FOLDER [PICTURES]
//
// FOLDER holds report.html, report.fr.html and report.ar.html, maybe hostile.html and others named in pages.json.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { browser, quit } from "./chromium.mjs";

const [folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = { en: "report.html", fr: "report.fr.html", ar: "report.ar.html" };
const wrong = [];
const seen = {};
const hold = (fact, words) => fact || wrong.push(words);
const address = (name) => pathToFileURL(join(folder, name)).href;

/** A page whose every request and message is noted. */
async function open(name, { width = 1280, height = 900, dark = false, script = true, where = "" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", javaScriptEnabled: script, bypassCSP: false });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const what = `${name} ${width} px${dark ? " dark" : ""}${script ? "" : " without script"}`;
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push(`${what}: console: ${m.text()}`));
  page.on("pageerror", (e) => wrong.push(`${what}: ${e}`));
  page.on("dialog", (d) => wrong.push(`${what}: a dialog ${d.message()}`) && d.dismiss());
  page.on("request", (r) => r.url().split("#")[0] !== address(name) && !r.url().startsWith("data:application/toml") && wrong.push(`${what}: asks for ${r.url()}`));
  await page.goto(address(name) + where, { waitUntil: "load" });
  return { page, what, close: () => context.close() };
}

/** Lays out all sections as if each were on the screen: what is off it has no true size, and hides what is too wide. */
const unfold = (page) => page.evaluate(() => document.querySelectorAll("main > section").forEach((s) => (s.style.contentVisibility = "visible")));

async function overflow(page) {
  await unfold(page);
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** WCAG 2.2 AA. The policy of the page lets no other script in, so axe comes through the debugger. */
async function accessible({ page, what }) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((d, k) => (d.open = k < 40)));
  await unfold(page);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }));
  for (const v of found.violations) wrong.push(`${what}: ${v.id}: ${v.help}: ${v.nodes.length}, such as ${v.nodes[0].html.slice(0, 200)} (${v.nodes[0].failureSummary?.slice(0, 300)})`);
  seen[`axe ${what}`] = `${found.violations.length} violations`;
}

const order = (page) => page.$$eval("section.ranking[data-kind=provinces] tbody tr", (rows) => rows.map((r) => r.dataset.unit).join(" "));
const ranks = (page) => page.$$eval("section.ranking[data-kind=provinces] tbody tr", (rows) => rows.map((r) => `${r.dataset.unit}:${r.querySelector(".c-rank strong").textContent}:${r.querySelector(".c-range").textContent}`).join(" "));

async function weights(name) {
  const { page, what, close } = await open(name);
  const before = await ranks(page);
  const panel = page.locator("section.ranking[data-kind=provinces] .tune");
  hold((await panel.count()) === 1, `${what}: no sliders`);
  await panel.locator("summary").first().click();
  const first = panel.locator("input[type=range]").first();
  await first.scrollIntoViewIfNeeded();
  const box = await first.boundingBox();
  const rtl = await page.evaluate(() => document.dir === "rtl");
  await page.mouse.click(box.x + box.width * (rtl ? 0.97 : 0.03), box.y + box.height / 2);
  await page.waitForTimeout(400);
  const byMouse = await ranks(page);
  hold(byMouse !== before, `${what}: a slider moved by the mouse changes nothing`);
  hold(Number(await first.inputValue()) < 0.1, `${what}: the slider is at ${await first.inputValue()}`);
  await first.focus();
  await page.keyboard.press(rtl ? "ArrowLeft" : "ArrowRight");
  for (let k = 0; k < 30; k += 1) await page.keyboard.press("ArrowUp");
  await page.waitForTimeout(400);
  hold((await ranks(page)) !== byMouse, `${what}: a slider moved by keys changes nothing`);
  const carried = new URL(page.url()).hash;
  hold(carried.startsWith("#w=provinces/"), `${what}: the address carries ${carried}`);
  const tuned = await ranks(page);
  const other = await open(name, { where: carried });
  await other.page.waitForTimeout(300);
  hold((await ranks(other.page)) === tuned, `${what}: the link gives other ranks`);
  await other.page.locator("section.ranking[data-kind=provinces] .banner button").click();
  await other.page.waitForTimeout(300);
  hold((await ranks(other.page)) === before, `${what}: as the analysts set it is not what the edition has`);
  hold(new URL(other.page.url()).hash === "", `${what}: the address keeps ${other.page.url()}`);
  await other.close();
  const set = await panel.locator("pre").textContent();
  const download = page.waitForEvent("download");
  await panel.locator("a[download]").click();
  const saved = await (await download).path();
  hold(readFileSync(saved, "utf8") === set, `${what}: the file saved is not the set shown`);
  writeFileSync(join(folder, `own.${name}.toml`), set);
  await close();
}

async function tables(name) {
  const { page, what, close } = await open(name);
  const section = page.locator("section.ranking[data-kind=provinces]");
  const before = await order(page);
  await section.locator("thead button").nth(4).focus();
  await page.keyboard.press("Enter");
  hold((await order(page)) !== before, `${what}: sorting by score changes nothing`);
  hold((await section.locator("th[aria-sort=ascending]").count()) === 1, `${what}: no column says that it is sorted`);
  await section.locator("thead button").first().click();
  hold((await order(page)) === before, `${what}: sorted by rank it is not as before`);
  const unit = (await section.locator("tbody th").nth(2).textContent()).trim();
  await section.locator("input[type=search]").fill(unit);
  const left = await section.locator("tbody tr:visible").count();
  hold(left >= 1 && left < 6, `${what}: ${left} rows match ${unit}`);
  await section.locator("input[type=search]").fill("");
  await section.locator("select").selectOption("very_low");
  const low = await section.locator("tbody tr:visible").count();
  hold(low < (await section.locator("tbody tr").count()), `${what}: the filter by class hides nothing`);
  const area = page.locator("svg.map a[href]").first();
  await area.focus();
  const tip = await page.locator(".tip").textContent();
  hold(tip.includes(await area.getAttribute("data-name")), `${what}: the tooltip says ${tip}`);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  const card = (await area.getAttribute("href")).slice(1);
  hold(await page.evaluate((id) => document.getElementById(id).open, card), `${what}: Enter on the map does not open the card`);
  await close();
}

async function looks(name, language) {
  for (const width of [360, 1280]) {
    for (const dark of [false, true]) {
      const shown = await open(name, { width, dark });
      if (pictures) await shown.page.screenshot({ path: join(pictures, `${language}-${width}${dark ? "-dark" : ""}.png`), fullPage: false });
      await accessible(shown);
      hold((await overflow(shown.page)) <= 0, `${shown.what}: wider than the window by ${await overflow(shown.page)} px`);
      await shown.close();
    }
  }
  const narrow = await open(name, { width: 320 });
  await narrow.page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  hold((await overflow(narrow.page)) <= 0, `${narrow.what}: wider than the window by ${await overflow(narrow.page)} px`);
  await narrow.close();
}

async function withoutScript(name) {
  const { page, what, close } = await open(name, { script: false });
  for (const id of ["changed", "to-do", "provinces", "crossings", "map", "cards", "assessment", "track-record", "method", "data", "gaps", "licences"]) {
    hold(await page.locator(`#${id}`).isVisible(), `${what}: #${id} is not shown`);
  }
  hold((await page.locator("section.ranking tbody tr:visible").count()) > 40, `${what}: the rankings are not shown`);
  hold(await page.locator("noscript p").isVisible(), `${what}: nothing says what scripts would add`);
  const card = page.locator("details.card").first();
  await card.locator("summary").first().click();
  hold(await card.locator("table").first().isVisible(), `${what}: a card does not open`);
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  seen[`print ${name}`] = `${pages} pages`;
  hold(pages > 5, `${what}: printing gives ${pages} pages`);
  if (pictures) writeFileSync(join(pictures, `${name}.pdf`), pdf);
  await close();
}

/** Cold load, and a re-rank of 100 units with intervals. */
async function times(name) {
  const { page, close } = await open(name);
  const load = await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
  seen[`load ${name}`] = `${Math.round(load)} ms`;
  await page.evaluate(readFileSync(join(import.meta.dirname, "../../src/report/render/report.js"), "utf8").replace(/if \(typeof module[\s\S]*$/, "globalThis.engine = engine;"));
  const took = await page.evaluate(() => {
    const form = JSON.parse(document.getElementById("embedded").textContent).kinds.provinces;
    const rows = Array.from({ length: 100 }, (_, k) => form.units[k % form.units.length].scores);
    const tree = engine.makeTree(form);
    const runs = Array.from({ length: 15 }, (_, seed) => {
      const from = performance.now();
      engine.score(tree, rows, form.leaves.length, tree.weights);
      engine.intervals(tree, rows, form.leaves.length, tree.weights, { seed });
      return performance.now() - from;
    });
    return [runs[0], runs.sort((a, b) => a - b)[7], runs[0]];
  });
  seen[`re-rank ${name}`] = `median ${took[1].toFixed(1)} ms, fastest ${took[2].toFixed(1)} ms, first ${took[0].toFixed(1)} ms`;
  // A busy machine doubles any time: the fastest run says what the script needs.
  hold(took[2] < 50, `${name}: re-ranking 100 units takes ${took[2].toFixed(1)} ms`);
  hold(load < 5000, `${name}: loading takes ${Math.round(load)} ms`);
  await close();
}

/** Names and notes that would like to be more than text. */
async function hostile(name) {
  const { page, what, close } = await open(name, { width: 360 });
  hold(!(await page.evaluate(() => globalThis.attacked)), `${what}: a script of the data ran`);
  hold((await page.locator("a[href^='javascript:' i]").count()) === 0, `${what}: a link to a script`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  hold((await overflow(page)) <= 0, `${what}: wider than the window by ${await overflow(page)} px`);
  const tall = await page.evaluate(() => Math.max(...[...document.querySelectorAll("section.ranking tbody tr")].map((r) => r.getBoundingClientRect().height)));
  hold(tall < 600, `${what}: a row is ${tall} px high`);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  seen[`load ${name}`] = `${Math.round(await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd))} ms`;
  await close();
}

try {
  for (const [language, name] of Object.entries(PAGES)) {
    await looks(name, language);
    await weights(name);
    await tables(name);
    await withoutScript(name);
    await times(name);
  }
  for (const name of ["hostile.html", "hostile.ar.html", "one.html", "many.html"]) if (existsSync(join(folder, name))) await hostile(name);
} catch (error) {
  wrong.push(String(error));
} finally {
  await quit();
}
for (const [what, result] of Object.entries(seen)) console.log(`${what}: ${result}`);
for (const words of wrong) console.error(words);
process.exitCode = wrong.length ? 1 : 0;
