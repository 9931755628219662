import { showCount, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import { integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { configKeyEdit } from "../attention/configKey.ts";
import { constructionOf, flowOf, layersOf } from "../code/flow.ts";
import { codeOf } from "../code/tree.ts";
import { tied } from "../rules/untiedEmbedding.ts";
import type { Subject } from "../subject.ts";
import { shared } from "../weights/sharing.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface TwoTables extends Site {
  readonly output: BuiltLayer;
  readonly table: BuiltLayer;
  readonly tensors: readonly [Tensor, Tensor];
}

/** One table for the embedding and the output layer: V·d parameters, their gradients and optimizer state are saved; no FLOP is. */
export default technique<TwoTables>({
  id: "tied-embeddings",
  name: "Tied embeddings",
  kind: "weight-sharing",
  paper: { title: "Using the Output Embedding to Improve Language Models", arxiv: "1608.05859", year: 2016 },
  what: "The output layer multiplies by the table that embeds the tokens.",
  price:
    "Another model: it has to be trained so, and the embedding's scale becomes the output's. Nothing is computed less.",
  demands: "training",
  exact: false,
  toldBy: "untied-embedding",
  knobs: {},

  find(subject): Found<TwoTables> {
    const { inference, figures } = subject;
    const { readers } = flowOf(inference, figures);
    const tables = layersOf(figures.tree).flatMap((layer) => {
      const tensor = layer.parameters.find(({ name }) => name === "weight")?.tensor;
      return tensor?.shape.length === 2 && sizesOf(tensor)
        ? [{ layer, tensor, used: readers(tensor.storage).map(({ name }) => name) }]
        : [];
    });
    const embeddings = tables.filter(({ used }) => used.includes("aten.embedding"));
    const both = embeddings.find(({ used }) => used.some((name) => /^aten\.(linear|addmm|mm|matmul)$/.test(name)));
    if (both) return { sites: [], why: `${both.layer.path}'s table serves the output as well already.` };
    const total = known(figures.layers.get("")?.params ?? 0) ?? 0;
    for (const { layer: output, tensor, used } of tables.filter((one) => one.used.includes("aten.linear")).reverse()) {
      if (used.includes("aten.embedding")) continue;
      const table = embeddings.find((one) => sameShape(one.tensor, tensor));
      if (!table) continue;
      const sizes = integers(tensor.shape);
      const count = sizes.reduce((n, size) => n * size, 1);
      return {
        sites: [
          {
            at: placeOf(output, subject),
            what: `${output.path} and ${table.layer.path} each have a table of ${sizes.join(" × ")}: ${showCount(count)} parameters, ${showShare(count, total)} of the model, are held twice.`,
            output,
            table: table.layer,
            tensors: [table.tensor, tensor],
          },
        ],
      };
    }
    return { sites: [] };
  },

  change({ config }, sites) {
    if (config) return { config: { ...config, tie_word_embeddings: true } };
    return { replace: shared(sites.map(({ tensors }) => tensors)) };
  },

  edit({ text, config, file }, [site]) {
    const none = { reason: "the two tables are not made side by side in this file" };
    if (config) {
      const edit = configKeyEdit(text, "tie_word_embeddings", true);
      return edit ? { title: "Set tie_word_embeddings", edits: [edit] } : none;
    }
    const code = codeOf(file, text);
    const call = site && constructionOf(site.output, code);
    return (site && call && tied(site.output, site.table, call, code)[0]) ?? none;
  },
});

function sameShape(a: Tensor, b: Tensor): boolean {
  return integers(a.shape).join() === integers(b.shape).join();
}

function placeOf(layer: BuiltLayer, { file, text }: Subject) {
  const code = codeOf(file, text);
  const call = constructionOf(layer, code);
  return call && code.place(call);
}
