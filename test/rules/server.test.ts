/** What the language server makes of findings: links to their pages, fixes, silencing, and all exact fixes at once. */
import assert from "node:assert/strict";
import { codeActions, diagnostics } from "../../src/hosts/server/answers.ts";
import { reportOf } from "./check.ts";

const main = "train.py";
const text = `def train(model, optimizer, criterion, batches):
    total = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward(retain_graph=True)
        optimizer.step()
        total += loss
    return total
`;
const report = reportOf({ files: { [main]: text }, main, settings: {} });
const uri = "file:///ws/train.py";
const still = { back: (line: number) => line, forward: (line: number) => line };
const last = { report, text, shift: still, file: { uri } } as unknown as Parameters<typeof codeActions>[0];
const line = (at: number) => ({ start: { line: at, character: 0 }, end: { line: at, character: 0 } });

describe("findings in the editor", () => {
  it("link to the page that explains them", () => {
    assert.deepEqual(
      diagnostics(last, {}).map(({ code, codeDescription }) => [code, codeDescription?.href]),
      [
        ["needless-retain-graph", "assay-page:/needless-retain-graph.md"],
        ["loss-kept-with-graph", "assay-page:/loss-kept-with-graph.md"],
      ],
    );
  });

  it("offer their fix, silence, and all exact fixes", () => {
    const titles = (at: number, only?: string[]) =>
      codeActions(last, line(at), { diagnostics: [], ...(only && { only }) }, {}).map(({ title }) => title);
    const all = "Apply Assay's 2 exact fixes";
    assert.deepEqual(titles(7), ["Add loss.detach()", "Silence loss-kept-with-graph on this line", all]);
    assert.deepEqual(titles(7, ["source.fixAll"]), [all]);
    assert.deepEqual(titles(7, ["source.fixAll.assay"]), [all]);
    assert.deepEqual(titles(7, ["quickfix"]), ["Add loss.detach()", "Silence loss-kept-with-graph on this line"]);
    assert.deepEqual(titles(0, ["source.organizeImports"]), []);
  });

  it("are silent, with their fixes, where a person has switched them off", () => {
    const off = { "loss-kept-with-graph": "off" } as const;
    assert.equal(diagnostics(last, off).length, 1);
    assert.deepEqual(
      codeActions(last, line(7), { diagnostics: [] }, off).map(({ title }) => title),
      ["Apply Assay's exact fix"],
    );
  });
});
