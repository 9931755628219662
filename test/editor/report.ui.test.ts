/** The report's page by itself: in three themes and two widths, by keyboard, for checkers, with bad input and with much of it. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { pageHtml } from "../../src/hosts/extension/pageHtml.ts";
import type { ReportView } from "../../src/surfaces/report.ts";
import { painted, startReportPage } from "./report-page.mjs";
import { advice, growth, shown, viewOf } from "./reportMessages.ts";

const evidence = ".vscode-e2e/ui";
const themes = ["light", "dark", "contrast"] as const;

const gpt = readFileSync("test/editor/workspace/gpt.py", "utf8");
describe("the report's page", () => {
  let server: Awaited<ReturnType<typeof startReportPage>>;
  let report: ReportView;
  before(async function () {
    this.timeout(120_000);
    mkdirSync(evidence, { recursive: true });
    server = await startReportPage(pageHtml);
    report = viewOf(gpt, { phase: "train", batch: 8, sequence: 512, dtype: "bf16" });
  });
  after(() => server?.stop());

  const sent = (page: Page, kind: string) =>
    page.evaluate(
      (kind) => (window as unknown as { sent: { kind: string }[] }).sent.filter((one) => one.kind === kind),
      kind,
    );
  const settled = (page: Page) => page.waitForTimeout(60);

  for (const theme of themes)
    for (const width of [300, 900])
      it(`nothing serious for a checker: ${theme}, ${width} px`, async () => {
        const { page, problems } = await server.open({ theme, width, tab: width === 900 });
        await painted(page, shown(report));
        await lookAt(page, "growth", "growth");
        await painted(page, growth(report.model));
        await lookAt(page, "techniques", "advice");
        await painted(page, advice(report.model));
        await painted(page, { kind: "cursor", path: "/workspace/gpt.py", line: 59 });
        await settled(page);
        await page.screenshot({ path: `${evidence}/report-${theme}-${width}.png`, fullPage: true });
        const shape = await overflowing(page);
        assert.deepEqual(shape, [], "something is wider than the page");
        const pictures = await violations(page);
        for (const id of ["tree", "memory", "timeline", "roofline", "growth"])
          await page.getByTestId(`${id}-table`).click();
        await page.getByTestId("layers").waitFor();
        const tables = await violations(page);
        assert.deepEqual([...pictures, ...tables], []);
        const refused = await page.evaluate(() => (window as unknown as { refused: string[] }).refused);
        assert.deepEqual([...problems, ...refused], []);
        await page.close();
      });

  it("a message of unknown shape is refused and logged, and the page stays as it was", async () => {
    const { page, problems } = await server.open();
    await painted(page, shown(report));
    await painted(page, { kind: "report", report: { model: 3 } });
    await painted(page, { kind: "nonsense" });
    assert.equal(await page.getByTestId("model").innerText(), "GPT");
    assert.equal(problems.filter((text) => text.includes("unknown shape")).length, 2);
    await page.close();
  });

  it("a click goes to the line, the cursor's line is lit, and zooming shows what is inside", async () => {
    const { page } = await server.open();
    await painted(page, shown(report));
    await page.getByRole("treeitem", { name: /^lm_head/ }).click();
    assert.deepEqual(
      (await sent(page, "reveal")).map((one) => (one as unknown as { place: { line: number } }).place.line),
      [76],
    );
    await painted(page, { kind: "cursor", path: "/workspace/gpt.py", line: 59 });
    await settled(page);
    assert.equal(await page.locator(".layer.lit").getAttribute("data-key"), "GPT/h/0 … 11/attn");
    await page.getByRole("treeitem", { name: /^mlp/ }).dblclick();
    await settled(page);
    const inside = await page
      .getByRole("treeitem")
      .evaluateAll((all) => all.map((one) => one.getAttribute("data-key")));
    assert.deepEqual(inside, ["GPT/h/0 … 11/mlp/c_fc", "GPT/h/0 … 11/mlp/c_proj"]);
    await page.getByRole("treeitem").first().focus();
    await page.keyboard.press("Escape");
    await page.getByRole("treeitem", { name: /^attn/ }).waitFor();
    await page.close();
  });

  it("a picture is saved as SVG and as PNG, with its colours in it", async () => {
    const { page, problems } = await server.open({ theme: "dark" });
    await painted(page, shown(report));
    const section = page.getByTestId("tree");
    await section.hover();
    await section.getByRole("button", { name: "Save" }).click();
    await page.waitForFunction(() =>
      (window as unknown as { sent: { kind: string }[] }).sent.some(({ kind }) => kind === "save"),
    );
    const [saved] = (await sent(page, "save")) as unknown as { svg: string; png: string }[];
    assert.match(saved!.svg, /^<svg xmlns=.*lm_head/s);
    assert.ok(!saved!.svg.includes("var(--"), "a colour is not written out");
    assert.equal(Buffer.from(saved!.png, "base64").subarray(1, 4).toString(), "PNG");
    const refused = await page.evaluate(() => (window as unknown as { refused: string[] }).refused);
    assert.deepEqual([...problems, ...refused], []);
    await page.close();
  });

  it("ticked techniques are costed together, and what a later report asks again", async () => {
    const { page } = await server.open();
    await painted(page, shown(report));
    await lookAt(page, "techniques", "advice");
    await painted(page, advice(report.model));
    await page.getByTestId("try-int8").click();
    await settled(page);
    const rows = [{ name: "weights", before: "498 MB", after: "243 MB", change: "−51.2 %" }];
    await painted(page, { kind: "whatIf", model: report.model, turn: 1, rows, refused: [], remarks: [] });
    await page.getByTestId("what-if").getByText("−51.2 %").waitFor();
    await painted(page, shown(report, 2));
    await page.waitForFunction(
      () =>
        (window as unknown as { sent: { kind: string }[] }).sent.filter(({ kind }) => kind === "advice").length === 2,
    );
    assert.equal((await sent(page, "whatIf")).length, 2);
    await page.close();
  });

  it("what takes long is asked for when it is looked at, and can be given up", async () => {
    const { page } = await server.open();
    await painted(page, shown(report));
    await page.waitForTimeout(500);
    assert.deepEqual(await sent(page, "growth"), []);
    await lookAt(page, "growth", "growth");
    await page.getByTestId("growth-ask").click();
    assert.equal((await sent(page, "giveUp")).length, 1);
    await painted(page, { kind: "growth", model: report.model, turn: 1, growth: null });
    await page.getByTestId("growth").getByRole("button", { name: "Weigh" }).waitFor();
    await page.close();
  });

  it("an empty report says which files hold models", async () => {
    const { page } = await server.open();
    await painted(page, {
      kind: "empty",
      text: "notes.py holds no model that Assay can weigh.",
      files: [{ uri: "file:///workspace/gpt.py", name: "gpt.py", models: ["GPT", "Block"] }],
    });
    await page.getByRole("button", { name: "gpt.py" }).click();
    assert.equal((await sent(page, "open")).length, 1);
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: `${evidence}/report-empty.png` });
    await page.close();
  });

  it("a long analysis shows that it goes on and can be given up", async () => {
    const { page } = await server.open();
    await painted(page, shown(report));
    await painted(page, { kind: "progress", state: "busy", file: "gpt.py" });
    await page.getByTestId("cancel").click();
    assert.equal((await sent(page, "cancel")).length, 1);
    await painted(page, { kind: "progress", state: "cancelled", file: "gpt.py" });
    await page.getByText("Weigh again").waitFor();
    await page.close();
  });

  it("what is not known is drawn as such", async () => {
    const unknown = { text: "?", share: 0, reason: "flash is not installed" };
    const broken: ReportView = {
      ...report,
      root: {
        ...report.root,
        children: report.root.children.map((one, i) => (i === 0 ? { ...one, params: unknown } : one)),
      },
    };
    const { page } = await server.open();
    await painted(page, shown(broken));
    await settled(page);
    assert.ok((await page.locator(".layer.unknown .hatch").count()) >= 1);
    await page.screenshot({ path: `${evidence}/report-unknown.png` });
    await page.close();
  });
});

/** Scrolls to a section, and waits until its question is asked. */
async function lookAt(page: Page, section: string, kind: string): Promise<void> {
  await page.getByTestId(section).evaluate((one) => one.scrollIntoView());
  await page.waitForFunction(
    (kind) => (window as unknown as { sent: { kind: string }[] }).sent.some((one) => one.kind === kind),
    kind,
  );
}

/** Serious and critical faults that axe finds, a line each. */
async function violations(page: Page): Promise<string[]> {
  // The checker is no part of the page, whose policy would refuse it.
  const found = await page.evaluate(
    `(() => { ${axe.source}; return window.axe.run(document, { resultTypes: ["violations"] }); })()`,
  );
  return (found as axe.AxeResults).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`)
          .join(" | ")}`,
    );
}

/** Elements that stick out of the page at the side. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const edge = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll("#page *")]
      .filter(
        (one) => one.getBoundingClientRect().right > edge && !one.closest(".scroller, vscode-single-select, .unseen"),
      )
      .map((one) => `${one.tagName} ${one.getAttribute("class") ?? ""} ${one.textContent?.slice(0, 30)}`);
  });
}
