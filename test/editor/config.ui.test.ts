/** A config as a person sees it: lens, hover, completion, finding and code, with a screenshot of each. */
import assert from "node:assert/strict";
import { openWindow } from "./workbench-page.mjs";

describe("a config in the window", () => {
  let window: Awaited<ReturnType<typeof openWindow>>;
  before(async function () {
    this.timeout(180_000);
    window = await openWindow({ file: "config.json" });
  });
  after(() => window?.close());

  const picture = async (name: string) => {
    await window.page.waitForTimeout(400);
    await window.screenshot(name);
  };
  const goTo = async (position: string) => {
    const { page } = window;
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget input.input").fill(`:${position}`);
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  };

  it("a lens tells its totals and the largest batch", async () => {
    const lens = window.page.locator(".codelens-decoration:visible", { hasText: "batch" }).first();
    await lens.waitFor({ timeout: 90_000 });
    assert.match(await lens.innerText(), /^8\.03 B params · 16\.1 GB bf16 · KV 131 kB\/token · 1k context 134 MB/);
    await picture("config-lens");
  }).timeout(120_000);

  it("a hover tells what a key means and what other values cost", async () => {
    const { page } = window;
    const hover = page.locator(".monaco-hover:visible .hover-contents", { hasText: "largest batch" }).first();
    for (let attempt = 0; ; attempt++) {
      await goTo("10:8");
      await page.keyboard.press("Control+k");
      await page.keyboard.press("Control+i");
      try {
        await hover.waitFor({ timeout: 15_000 });
        break;
      } catch (error) {
        if (attempt === 4) throw error;
        await page.keyboard.press("Escape");
      }
    }
    await picture("config-hover");
    assert.match(await hover.innerText(), /Heads of keys and values/);
    await page.keyboard.press("Escape");
  }).timeout(120_000);

  it("completion offers the family's keys", async () => {
    const { page } = window;
    await goTo("2:1");
    await page.keyboard.type('"att');
    await page.locator(".suggest-widget:visible .monaco-list-row", { hasText: "attention_bias" }).first().waitFor({
      timeout: 30_000,
    });
    await picture("config-completion");
    await page.keyboard.press("Escape");
    for (let i = 0; i < 6; i++) await page.keyboard.press("Control+z");
  }).timeout(60_000);
});
