// What a reader of a report sees and does, in a browser without a network.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { chromium } = require("playwright-core");

const pages = process.env.PAGES.split(" ");
const WIDTHS = [390, 1280];
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

// Opens a page; whatever it complains of or asks the network for is a fault.
async function open(file, { width = 1280, scheme = "light", locale = "en-US" } = {}) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme, locale });
  const faults = [];
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== "file://" + file && !request.url().startsWith("data:")) faults.push(request.url());
  });
  await page.goto("file://" + file);
  return { page, faults };
}

// A table of a night: rows as objects.
function table(file, name) {
  const text = fs.readFileSync(path.join(path.dirname(file), name), "utf8");
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const row = rows[rows.length - 1];
    if (text[i] === '"' && quoted && text[i + 1] === '"') row[row.length - 1] += text[i++];
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === "," && !quoted) row.push("");
    else if (text[i] === "\n" && !quoted) rows.push([""]);
    else row[row.length - 1] += text[i];
  }
  const head = rows.shift();
  return rows.filter((row) => row.length === head.length)
    .map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])));
}

// Every row of the page's tables: its section, its first text, its values by column.
const shown = (page) => page.evaluate(() => [...document.querySelectorAll("section tbody tr")].map((row) => ({
  section: row.closest("section").id,
  name: (row.cells[0].firstChild.nodeValue || row.cells[0].innerText).trim(),
  texts: [...row.cells].map((cell) => cell.innerText.trim()),
  values: [...row.cells].map((cell) => cell.dataset.v),
  heads: [...(row.closest("table").tHead.rows[0].cells)].map((cell) => cell.innerText.trim()),
})));

for (const file of [...pages, process.env.MORE])
  for (const width of WIDTHS)
    for (const scheme of ["light", "dark"])
      test(`${path.basename(path.dirname(file))} at ${width}, ${scheme}: no fault, nothing cut off, lines drawn`, async () => {
        const { page, faults } = await open(file, { width, scheme });
        assert.deepStrictEqual(faults, []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
        const lines = await page.evaluate(() => [...document.querySelectorAll("figure.chart")].map((figure) => {
          const paths = [...figure.querySelectorAll("path.ct-line, path.line")];
          return paths.length > 0 && paths.every((line) => (line.getAttribute("d") || "").length > 10 && line.getTotalLength() > 1);
        }));
        assert.ok(lines.length > 0 && lines.every(Boolean), "a chart is empty");
        const ink = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
        assert.notStrictEqual(ink[0], ink[1]);
        await page.close();
      });

for (const file of pages) {
  test("its numbers are those of the tables", async () => {
    const { page } = await open(file);
    const rows = await shown(page);
    const actions = table(file, "actions.csv"), suppressed = table(file, "suppressed.csv");
    const first = (section, name, where = () => true) => {
      const found = rows.find((row) => row.section === section && row.name === name && where(row));
      assert.ok(found, `${section} has no row ${name}`);
      return found;
    };
    for (const rule of new Set([...actions, ...suppressed].map((row) => row.rule))) {
      const row = first("left", rule, (r) => r.heads[0] === "Rule");
      assert.strictEqual(Number(row.values[1]), actions.filter((a) => a.rule === rule).length);
      assert.strictEqual(Number(row.values[2]), suppressed.filter((a) => a.rule === rule).length);
    }
    const channels = rows.filter((row) => row.section === "left" && row.heads[0] === "Channel");
    for (const row of channels) {
      const like = (a) => (a.channel || "any") === row.texts[0] && a.kind === row.texts[1] && a.name === row.texts[2];
      assert.strictEqual(Number(row.values[3]), actions.filter(like).length);
      assert.strictEqual(Number(row.values[4]), suppressed.filter(like).length);
    }
    for (const segment of table(file, "segments.csv")) {
      const row = first("segments", segment.segment.replace(/.*=/, ""), (r) => r.heads[0] === "Name");
      assert.deepStrictEqual([row.values[1], row.values[3], row.values[4]], [segment.size, segment.entered, segment.left]);
    }
    for (const metric of table(file, "metrics.csv")) {
      if (metric.by) {
        const column = (row) => row.heads.indexOf(metric.label);
        const row = first("figures", metric.group ? metric.group.replace(/^(?=[=+@-])/, "'") : "not known", (r) => column(r) > 0);
        assert.strictEqual(row.values[column(row)], metric.value);
      } else {
        const value = await page.locator("#figures dt", { hasText: metric.label }).first().locator("xpath=../dd").getAttribute("data-v");
        assert.strictEqual(value, metric.value);
      }
    }
    assert.strictEqual(await page.locator(".tile b").nth(1).getAttribute("data-v"), String(actions.length));
    assert.strictEqual(await page.locator(".tile b").nth(2).getAttribute("data-v"), String(suppressed.length));
    await page.close();
  });

  test("every number leads to the line that defines it", async () => {
    const { page } = await open(file);
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
      .filter((link) => !document.getElementById(link.hash.slice(1))).map((link) => link.hash));
    assert.deepStrictEqual(links, []);
    await page.locator("#left tbody a.by").first().click();
    assert.ok(await page.locator(".line:target").isVisible(), "the line stays folded");
    await page.close();
  });

  test("a click on a column's head sorts", async () => {
    const { page } = await open(file);
    const heads = page.locator("table:not(.moves) thead th");
    for (let i = 0; i < await heads.count(); i++) {
      const head = heads.nth(i);
      const column = () => head.evaluate((th) => [...th.closest("table").tBodies[0].rows].map((row) => {
        const cell = row.cells[th.cellIndex];
        return cell.dataset.v === undefined ? cell.innerText.trim() : cell.dataset.v === "" ? null : Number(cell.dataset.v);
      }).filter((value) => value !== null));
      const before = await column();
      for (const order of ["first", "second"]) {
        await head.click();
        const down = await head.getAttribute("aria-sort") === "descending";
        const now = await column();
        assert.strictEqual(now.length, before.length);
        for (let k = 1; k < now.length; k++) {
          const [a, b] = down ? [now[k], now[k - 1]] : [now[k - 1], now[k]];
          assert.ok(typeof a === "number" ? a <= b : a.localeCompare(b, "en") <= 0, `${order} click: ${a}, ${b}`);
        }
      }
    }
    await page.close();
  });
}

test("in Chinese nothing of ours is English, and the other way round", async () => {
  for (const file of [...pages, process.env.MORE]) {
    const { page } = await open(file, { locale: "zh-CN" });
    for (const [language, other] of [["zh", "en"], ["en", "zh"]]) {
      await page.locator(`button[data-to=${language}]`).click();
      const left = await page.evaluate((other) => [...document.querySelectorAll(`body [lang=${other}]`)]
        .filter((element) => element.getClientRects().length).map((element) => element.textContent), other);
      assert.deepStrictEqual(left, []);
      const untold = await page.evaluate((language) => [...document.querySelectorAll(`span[lang=${language}]`)]
        .filter((span) => language === "zh" ? !/\p{Script=Han}/u.test(span.textContent) : /\p{Script=Han}/u.test(span.textContent))
        .map((span) => span.textContent), language);
      assert.deepStrictEqual(untold, []);
    }
    // What is in neither language is the rules' or the exports': nothing of that stands in running text.
    const loose = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
      const found = [];
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!parent.closest("[lang]:not(html), td, th, dt, dd, pre, code, summary, svg, .plot, .legend, h3, .held, b") &&
            walker.currentNode.nodeValue.trim()) found.push(walker.currentNode.nodeValue);
      }
      return found;
    });
    assert.deepStrictEqual(loose, []);
    await page.close();
  }
});

test("on paper it has its numbers, and no buttons", async () => {
  const { page } = await open(pages[0]);
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator(".tile").first().isVisible());
  assert.ok(!(await page.locator(".language").isVisible()));
  await page.close();
});

test("without scripts it is whole", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("file://" + pages[0]);
  assert.ok(await page.locator("#left table").first().isVisible());
  assert.ok(await page.locator("figure.chart svg path.line").first().isVisible());
  await context.close();
});
