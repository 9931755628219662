/** What a person sees: each surface in the real window, with a screenshot of it. */
import assert from "node:assert/strict";
import { openSidebarWebview, openWindow, runCommand, webviewContents } from "./workbench-page.mjs";

type Window = Awaited<ReturnType<typeof openWindow>>;

describe("in the window", () => {
  let window: Window;
  before(async function () {
    this.timeout(180_000);
    window = await openWindow({ file: "gpt.py" });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await window.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, "-")}`);
  });
  after(() => window?.close());

  const picture = async (name: string) => {
    await window.page.waitForTimeout(400); // menus and hovers fade in
    await window.screenshot(name);
  };
  const go = async (file: string) => {
    const { page } = window;
    const tab = page.locator(".tab", { hasText: file });
    if (await tab.count()) await tab.click();
    else {
      await runCommand(page, "Go to File...");
      await page.locator(".quick-input-widget input.input").fill(file);
      await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: file }).waitFor();
      await page.keyboard.press("Enter");
    }
    await page.locator(".tab.active", { hasText: file }).waitFor();
  };
  /** Puts the cursor at `line:column`, counted from 1, as the editor's own command does. */
  const goTo = async (position: string) => {
    const { page } = window;
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget input.input").fill(`:${position}`);
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  };
  /** The hover at a position, once it says what is expected: the server may be at work yet. */
  const hoverAt = async (position: string, expected: string) => {
    const { page } = window;
    const hover = page.locator(".monaco-hover:visible .hover-contents", { hasText: expected }).first();
    for (let attempt = 0; ; attempt++) {
      await goTo(position);
      await page.keyboard.press("Control+k");
      await page.keyboard.press("Control+i");
      try {
        await hover.waitFor({ timeout: 5_000 });
        return await hover.innerText();
      } catch (error) {
        if (attempt === 3) throw error;
        await page.keyboard.press("Escape");
      }
    }
  };
  const lensOf = async (expected: string) => {
    const lens = window.page.locator(".codelens-decoration:visible", { hasText: expected }).first();
    await lens.waitFor({ timeout: 30_000 });
    return lens.innerText();
  };

  it("a lens over the model tells its totals", async () => {
    await goTo("70");
    assert.match(await lensOf("report"), /^124\.4 M params · 498 MB fp32 · 29\d GFLOPs @ B1 T1024/);
    await picture("lens");
  });

  it("a hover over a layer tells its shapes and figures", async () => {
    const text = await hoverAt("65:24", "CausalSelfAttention");
    assert.match(text, /⟨B, T, 768⟩/);
    assert.match(text, /2\.36 M/);
    await picture("hover");
    await window.page.keyboard.press("Escape");
  });

  it("shapes stand after assignments", async () => {
    await goTo("40");
    await window.page.locator(".view-line", { hasText: "⟨B, T, 768⟩" }).first().waitFor({ timeout: 20_000 });
    await picture("hints");
  });

  it("the status bar tells the scenario and the model", async () => {
    const item = window.page.locator(".statusbar-item", { hasText: "assay:" });
    await item.waitFor();
    assert.match(await item.innerText(), /GPT · prefill · B1 T1024/);
    await item.click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "Sequence length" }).waitFor();
    await picture("scenario");
    await window.page.keyboard.press("Escape");
  });

  it("the report shows where the model's weight sits, and a change of scenario its figures", async () => {
    const view = await openSidebarWebview(window.page, "Assay");
    await view.getByTestId("model").waitFor({ timeout: 30_000 });
    assert.equal(await view.getByTestId("model").innerText(), "GPT");
    const blocks = view.getByTestId("icicle").getByRole("treeitem", { name: /^0 … 11, 12 times, Block/ });
    await blocks.waitFor();
    await picture("sidebar");
    const before = await view.getByTestId("totals").innerText();
    const batch = view.getByTestId("scenario-batch").locator("input");
    await batch.fill("8");
    await batch.press("Enter");
    await view.locator("body").filter({ hasNotText: before }).waitFor({ timeout: 20_000 });
    await view.getByTestId("tree-table").click();
    await view.getByTestId("layers").getByTestId("layer").first().focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"])
      await window.page.keyboard.press(key);
    await picture("sidebar-keyboard");
    await view.getByRole("row", { name: /^▸?\s*attn/ }).waitFor();
    await view.getByTestId("tree-table").click();
    await runCommand(window.page, "Assay: Change Scenario");
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "Reset" }).click();
  });

  it("the cursor's line is lit, and a click goes to a layer's line", async () => {
    const view = webviewContents(window.page);
    await goTo("60:9");
    await view.locator(".layer.lit").first().waitFor({ timeout: 10_000 });
    await view
      .getByTestId("icicle")
      .getByRole("treeitem", { name: /^lm_head/ })
      .click();
    await window.page.locator(".statusbar-item", { hasText: /Ln 7\d/ }).waitFor();
  });

  it("a shape that does not fit is an error with both sizes", async () => {
    await go("broken.py");
    await window.page.locator(".squiggly-error").first().waitFor({ timeout: 30_000 });
    // A report that arrives closes hovers: wait for the one that the sidebar's change of scenario asked for.
    await window.page.locator(".statusbar-item", { hasText: "Mismatched · prefill · B1 " }).waitFor();
    await window.page.waitForTimeout(1000);
    const text = await hoverAt("12:22", "shape-mismatch");
    assert.match(text, /64[\s\S]*32/);
    await picture("diagnostic");
    assert(
      await window.page.locator(".monaco-hover:visible", { hasText: "shape-mismatch" }).count(),
      "something closed the hover",
    );
    await window.page.keyboard.press("Escape");
  });

  it("a config has its totals over the first line and costs at its keys", async () => {
    await go("config.json");
    assert.match(await lensOf("B params"), /^8\.03 B params/);
    const text = await hoverAt("10:8", "KV / token");
    await picture("config");
    assert.match(text, /32/);
    await window.page.keyboard.press("Escape");
  });

  it("a quick fix mends attention that is written out", async () => {
    await go("gpt.py");
    const { page } = window;
    await goTo("38:20");
    await page.locator(".view-line", { hasText: "softmax" }).first().waitFor();
    await page.keyboard.press("Control+.");
    const entry = page.locator(".action-widget .action", { hasText: "scaled_dot_product_attention" }).first();
    await entry.waitFor({ timeout: 15_000 });
    await picture("quick-fix-menu");
    const chosen = page.locator(".action-widget .action.focused", { hasText: "scaled_dot_product_attention" });
    for (let step = 0; step < 10 && (await chosen.count()) === 0; step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await window.page.locator(".view-line", { hasText: "scaled_dot_product_attention" }).first().waitFor();
    await picture("quick-fix");
  });
});

describe("in a window without a file", () => {
  let window: Window;
  before(async function () {
    this.timeout(180_000);
    window = await openWindow();
  });
  after(() => window?.close());

  it("the empty report says which files hold models, and opens a sample", async () => {
    const view = await openSidebarWebview(window.page, "Assay");
    await view.getByRole("button", { name: "gpt.py" }).waitFor({ timeout: 60_000 });
    await window.screenshot("empty");
    await view.getByTestId("sample").click();
    await view.getByTestId("model").waitFor({ timeout: 30_000 });
    assert.equal(await view.getByTestId("model").innerText(), "GPT");
    await window.screenshot("sample");
  });
});
