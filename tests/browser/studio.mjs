// Works in the studio as its owner does, and reports what goes wrong.
//
//   node studio.mjs ADDRESS
import { browser, quit } from "./chromium.mjs";

const [address] = process.argv.slice(2);
const wrong = [];
const hold = (fact, words) => fact || wrong.push(words);

async function open({ report = true } = {}) {
  const page = await browser.newPage();
  if (!report) await page.route("**/page?*", (route) => route.abort());
  page.setDefaultTimeout(120_000);
  page.on("pageerror", (e) => wrong.push(String(e)));
  // The report in the frame takes its time; the forms do not wait for it, and the second tab does without.
  await page.goto(`${address}?as_of=2025-07-31`, { waitUntil: "commit" });
  await page.locator("aside details summary").last().click();
  return page;
}

async function save(page) {
  const answer = page.waitForResponse((r) => r.request().method() === "POST");
  await page.locator("#new-set button:not([type=button])").click();
  return (await answer).status();
}

try {
  const [one, two] = [await open(), await open({ report: false })];
  const report = one.frameLocator("#stage");
  await report.locator("section.ranking[data-kind=provinces] .tune summary").first().click();
  await report.locator("section.ranking[data-kind=provinces] input[type=range]").first().focus();
  for (let k = 0; k < 10; k += 1) await one.keyboard.press("ArrowUp");
  await one.waitForTimeout(400);
  await one.fill("#new-set input[name=name]", "tried");
  await one.locator("#take").click();
  hold((await one.inputValue("#new-set textarea")).includes('name = "tried"'), "the weights are not taken over");
  const saved = await save(one);
  hold(saved === 303, `saving gives ${saved}`);
  hold((await one.locator(".said").textContent()).includes("tried.toml"), "nothing says that it is saved");
  await two.fill("#new-set input[name=name]", "tried");
  await two.fill("#new-set textarea", 'name = "tried"');
  const again = await save(two);
  hold(again === 409, `a second tab that makes the same set gets ${again}`);
} catch (error) {
  wrong.push(String(error));
} finally {
  await quit();
}
for (const words of wrong) console.error(words);
process.exitCode = wrong.length ? 1 : 0;
