import assert from "node:assert/strict";
import { defaultScenario } from "../../src/base/scenario.ts";
import { Analyses, type Finished, type Threads } from "../../src/hosts/server/analyses.ts";
import type { Answer, Job, Order } from "../../src/hosts/server/thread.ts";

const job = (path: string, text: string): Job => ({ path, text, kind: "python", scenario: defaultScenario });

/** Threads that do nothing by themselves: what they were told, and how to answer for them. */
function idle(shared: boolean) {
  const orders: Order[] = [];
  const log: string[] = [];
  const done: Finished[] = [];
  let started = 0;
  let answer!: (answer: Answer) => void;
  let die!: (why: string) => void;
  const threads: Threads = {
    cancelled: shared ? new Int32Array(new SharedArrayBuffer(4)) : undefined,
    start(take, ended) {
      started++;
      answer = take;
      die = ended;
      return { post: (order) => void orders.push(order), end: () => {} };
    },
  };
  const analyses = new Analyses(
    threads,
    (finished) => done.push(finished),
    (message) => log.push(message),
  );
  const asked = () => orders.filter((order) => order.kind === "analyze");
  const finish = () => {
    const {
      id,
      job: { path },
    } = asked().at(-1)!;
    answer({ kind: "report", id, report: { path, models: [], problems: [], remarks: [] }, missing: [] });
  };
  return {
    analyses,
    orders,
    log,
    done,
    threads,
    asked,
    finish,
    answer: (one: Answer) => answer(one),
    die: (why: string) => die(why),
    started: () => started,
  };
}

describe("the queue of analyses", () => {
  it("runs one at a time, the newest text of each file", () => {
    const { analyses, asked, finish, done } = idle(true);
    analyses.analyze(job("a.py", "1"));
    analyses.analyze(job("b.py", "1"));
    analyses.analyze(job("b.py", "2"));
    assert.equal(asked().length, 1);
    finish();
    finish();
    assert.deepEqual(
      done.map(({ job: { path, text } }) => path + text),
      ["a.py1", "b.py2"],
    );
  });

  it("lets questions about techniques wait for reports, and gives them up when their text changes", async () => {
    const { analyses, orders, asked, answer, finish, threads } = idle(true);
    const told = analyses.techniques(job("a.py", "1"), { kind: "advice" });
    assert.equal(orders.at(-1)?.kind, "techniques");
    const other = analyses.techniques(job("b.py", "1"), { kind: "advice" });
    analyses.analyze(job("a.py", "2"));
    const { id } = orders[0] as { id: number };
    assert.equal(Atomics.load(threads.cancelled!, 0), id);
    answer({ kind: "cancelled", id });
    assert.equal(await told, undefined);
    assert.equal(asked().length, 1);
    finish();
    assert.equal(orders.at(-1)?.kind, "techniques");
    analyses.end();
    assert.equal(await other, undefined);
  });

  it("cancels what an edit has overtaken, and stores nothing of it", () => {
    const { analyses, asked, answer, done, finish, threads } = idle(true);
    analyses.analyze(job("a.py", "1"));
    const [first] = asked();
    analyses.analyze(job("a.py", "2"));
    assert.equal(Atomics.load(threads.cancelled!, 0), first!.id);
    answer({ kind: "cancelled", id: first!.id });
    finish();
    assert.deepEqual(
      done.map(({ job: { text } }) => text),
      ["2"],
    );
  });

  it("ends the thread where memory is not shared, and tells the next one what the first knew", () => {
    const { analyses, orders, started, asked } = idle(false);
    analyses.setText("b.py", "open");
    analyses.analyze(job("a.py", "1"));
    orders.length = 0;
    analyses.analyze(job("a.py", "2"));
    assert.equal(started(), 2);
    assert.deepEqual(orders[0], { kind: "text", path: "b.py", text: "open" });
    assert.equal(asked().length, 1);
  });

  it("goes on with a fresh thread when one dies, without what killed it", () => {
    const { analyses, die, log, asked, finish, done } = idle(true);
    analyses.analyze(job("a.py", "kills"));
    analyses.analyze(job("b.py", "1"));
    die("out of memory");
    assert.match(log[0]!, /a\.py.*out of memory/);
    assert.equal(asked().at(-1)!.job.path, "b.py");
    finish();
    assert.deepEqual(
      done.map(({ job: { path } }) => path),
      ["b.py"],
    );
  });

  it("an older question about a key gets no answer when a newer one is asked", async () => {
    const { analyses, answer, orders } = idle(true);
    const older = analyses.keyCost(job("config.json", "{}"), ["hidden_size"]);
    const newer = analyses.keyCost(job("config.json", "{}"), ["vocab_size"]);
    const ids = () => orders.flatMap((order) => ("id" in order ? [order.id] : []));
    answer({ kind: "cancelled", id: ids().at(-1)! });
    answer({ kind: "key", id: ids().at(-1)!, cost: { key: "vocab_size", columns: [], rows: [] } });
    assert.equal(await older, undefined);
    assert.equal((await newer)?.key, "vocab_size");
  });
});
