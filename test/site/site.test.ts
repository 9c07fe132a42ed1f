/** The HTML report and the page in a real browser: what they show, what they request, and that everybody can use them. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSite } from "../../site/build.ts";
import { serveFolder } from "../../site/serve-folder.ts";
import type { ModelReport, Report } from "../../src/contract/types.ts";
import { formatBytes, formatCount } from "../../src/render/units.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runProgram } from "../program.ts";
import { CHROMIUM } from "./chromium.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MODELS = ["openai-community/gpt2", "google/gemma-2b-it"];

/** The network in the browser's own process, and none for a page that may come: half a second. */
const FEWER_PROCESSES = [
  "--enable-features=NetworkServiceInProcess2",
  "--disable-features=SpareRendererForSitePerProcess",
];

// Without a browser `npm test` says so, before it begins.
describe.runIf(CHROMIUM !== null)("in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-size-site-"));
  let hub: StandInHub;
  let site: Awaited<ReturnType<typeof serveFolder>>;
  let browser: Browser;
  /** One page for all tests: a new one takes as long as what it shows. */
  let page: Page;
  let requested: string[];
  let problems: string[];
  let models: readonly ModelReport[];
  beforeAll(async () => {
    hub = await startHub({ repositories: MODELS.map((id) => serveRealModel(realModel(id))) });
    const [built] = await Promise.all([
      buildSite(join(folder, "site"), { hub: hub.endpoint, files: hub.cdnOrigin }).then(() =>
        serveFolder(join(folder, "site"), 0),
      ),
      puppeteer
        .launch({
          executablePath: CHROMIUM ?? "",
          args: ["--no-sandbox", "--disable-gpu", ...FEWER_PROCESSES],
        })
        .then(async (started) => {
          browser = started;
          page = (await started.pages())[0] ?? (await started.newPage());
          page.on("request", (request) => requested.push(request.url()));
          page.on("pageerror", (error) => problems.push(String(error)));
          page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
        }),
      runProgram([...MODELS, "--json"], inHub()).then(({ stdout }) => {
        ({ models } = JSON.parse(stdout) as Report);
      }),
    ]);
    site = built;
  }, 60_000);
  afterAll(async () => {
    site.close();
    await Promise.all([browser.close(), hub.close()]);
  });

  const inHub = () => ({ env: { HF_ENDPOINT: hub.endpoint } });

  /** Open an address; what it requests and what goes wrong is kept. */
  async function open(address: string): Promise<void> {
    requested = [];
    problems = [];
    await page.goto(address);
  }

  /** List what axe finds wrong, in light and in dark. */
  async function findBarriers(): Promise<string[]> {
    const found: string[] = [];
    await page.evaluate(`${AXE};0`);
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      const targets = await page.evaluate(`axe.run().then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target + " " + failureSummary)))`);
      found.push(...(targets as string[]).map((target) => `${value}: ${target}`));
    }
    return found;
  }

  const readText = () => page.$eval("body", (body) => body.textContent ?? "");

  test("the report opens from a disk without a request, and a layer is zoomed to and back by keyboard", async () => {
    const { stdout } = await runProgram(["explain", MODELS[0] ?? "", "--format", "html"], inHub());
    const path = join(folder, "report.html");
    writeFileSync(path, stdout);
    const address = pathToFileURL(path).href;
    await open(address);
    expect(await findBarriers()).toEqual([]);
    const whole = await page.$eval(".treemap svg", (svg) => svg.getAttribute("viewBox"));
    await page.evaluate(`document.querySelector(".treemap g[data-zoom]").focus()`);
    await page.keyboard.press("Enter");
    const viewBox = () => page.$eval(".treemap svg", (svg) => svg.getAttribute("viewBox"));
    expect(await viewBox()).not.toBe(whole);
    const readOutput = () => page.$eval("output", ({ textContent }) => textContent);
    expect(await readOutput()).toMatch(/parameters/);
    await page.keyboard.press("Escape");
    expect(await viewBox()).toBe(whole);
    expect(await readOutput()).toBe("");
    await page.click(".treemap g[data-zoom]:nth-of-type(2)");
    expect(await viewBox()).not.toBe(whole);
    expect([requested, problems]).toEqual([[address], []]);
  });

  test("outcomes and limits on devices are for everybody too", async () => {
    const path = join(folder, "fit.html");
    const devices = ["--device", "iphone-16,mac-16gb,rtx-4090"];
    const { stdout } = await runProgram(["fit", ...MODELS, ...devices, "--format", "html"], inHub());
    writeFileSync(path, stdout);
    await open(pathToFileURL(path).href);
    expect(await findBarriers()).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("the page measures what is typed, and shows the figures of the JSON", async () => {
    await open(`${site.origin}/`);
    await page.type("#models", MODELS.join(" "));
    await page.click("form button");
    await page.waitForFunction(`document.querySelector("#status").textContent === "Measured."`);
    const text = await readText();
    for (const { id, parameters, sizes } of models) {
      expect(text).toContain(id);
      expect(text).toContain(formatCount(parameters.total ?? 0));
      for (const { bytes } of sizes) expect(text).toContain(formatBytes(bytes ?? 0, "si"));
    }
    expect(await page.$$eval("figure circle", (circles) => circles.length)).toBe(models.length);
    expect(await findBarriers()).toEqual([]);
    expect(new URL(page.url()).search).toBe(`?models=${MODELS.join("+")}`);
    const origins = new Set(requested.map((address) => new URL(address).origin));
    expect(origins).toEqual(new Set([site.origin, hub.endpoint, hub.cdnOrigin]));
    expect(problems).toEqual([]);
  });

  test("an address is shared: it shows one model with its weights; a model that is missing is named", async () => {
    await open(`${site.origin}/?models=${MODELS[0]}`);
    await page.waitForSelector(".treemap g[data-zoom]");
    const cells = await page.$$eval("tbody tr:first-child > *", (row) => row.map((cell) => cell.textContent));
    expect(cells.slice(0, 2)).toEqual([MODELS[0], "124"]);
    expect(formatCount(models[0]?.parameters.total ?? 0)).toBe("124M");
    await page.click(".treemap g[data-zoom]");
    expect(await page.$eval(".treemap button", (button) => button.hidden)).toBe(false);
    await page.goto(`${site.origin}/?models=acme/none`);
    await page.waitForFunction(`document.querySelector("#status").textContent === "Measured 0 of 1."`);
    expect(await readText()).toContain("acme/none was not found");
    expect(problems.filter((problem) => !problem.includes("401"))).toEqual([]);
  });
});
