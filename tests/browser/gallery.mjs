// Takes the pictures of docs/gallery.
//
//   node gallery.mjs REPORTS DAY PICTURES [ADDRESS OF A STUDIO]
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { browser, quit } from "./chromium.mjs";

const [reports, day, pictures, studio] = process.argv.slice(2);
const file = (name) => pathToFileURL(resolve(reports, name)).href;

/** What a window shows of an address, after something was done there. */
async function picture(name, address, { width = 1280, height = 800, dark = false, done = async () => {} } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "load", timeout: 120_000 });
  await done(page);
  await page.waitForTimeout(500);
  const chrome = await context.newCDPSession(page);
  const { data } = await chrome.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  const bytes = Buffer.from(data, "base64");
  writeFileSync(join(pictures, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
  if (bytes.length > 150_000) process.exitCode = 1;
  await context.close();
}

const to = (id) => (page) => page.evaluate((id) => document.getElementById(id).scrollIntoView(), id);

mkdirSync(pictures, { recursive: true });
try {
  await picture("head", file(`${day}/report.html`));
  await picture("ranking", file(`${day}/report.html`), { done: to("provinces") });
  await picture("map", file(`${day}/report.html`), { done: to("map") });
  await picture("card", file(`${day}/report.html`), {
    height: 1100,
    done: (page) =>
      page.evaluate(() => {
        const card = document.querySelector("details.card");
        card.open = true;
        card.scrollIntoView();
      }),
  });
  await picture("weights", file(`${day}/report.html`), {
    done: async (page) => {
      await page.locator("section.ranking[data-kind=provinces] .tune summary").first().click();
      const slider = page.locator("section.ranking[data-kind=provinces] input[type=range]").first();
      await slider.focus();
      for (let k = 0; k < 25; k += 1) await page.keyboard.press("ArrowLeft");
      await page.evaluate(() => document.querySelector("section.ranking[data-kind=provinces] .tune").scrollIntoView());
    },
  });
  await picture("arabic", file(`${day}/report.ar.html`), { done: to("provinces") });
  await picture("phone", file(`${day}/report.fr.html`), { width: 390, height: 844, dark: true, done: to("provinces") });
  await picture("editions", file("index.html"));
  if (studio) {
    await picture("studio", `${studio}?as_of=${day}`, {
      width: 1440,
      height: 900,
      done: async (page) => {
        await page.frameLocator("#stage").locator("h1").waitFor({ timeout: 120_000 });
        await page.locator("aside details summary").first().click();
      },
    });
  }
} finally {
  await quit();
}
