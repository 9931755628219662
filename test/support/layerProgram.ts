import type { Random } from "./random.ts";

/** A model of blocks whose statements are drawn by chance. */
export function layerProgram(random: Random): string {
  const number = () =>
    random.pick(["index", "index + 1", "index // 2", "index % 3", "2", "config.width", "len(config.kinds)"]);
  const condition = () =>
    random.pick([
      "index > 2",
      "index % 2 == 0",
      "config.kinds[index % 2] == 'a'",
      "rate > 0.1",
      "rate",
      "index is None",
      "index in config.chosen",
      "config.kinds[index] == 'a'",
    ]);
  const statement = (i: number): string =>
    random.pick([
      `self.n${i} = ${number()}`,
      `self.l${i} = nn.Linear(4, 4)`,
      `self.l${i} = nn.Linear(config.width, ${random.integer(1, 3)}, bias=${condition()} and True or False)`,
      `self.l${i} = nn.Dropout(rate) if ${condition()} else nn.Identity()`,
      `self.l${i} = Inner(${number()}, config)`,
      `self.l${i} = Inner(index, config)`,
      `self.p${i} = nn.Parameter(torch.zeros(${random.pick(["3", "index + 1", "config.width"])}))`,
      `self.register_buffer('b${i}', torch.arange(${random.integer(1, 4)}))`,
      `self.f${i} = lambda x: x + index`,
      `self.t${i} = (index, [rate, {'at': index}], config)`,
      `made.append(${number()})`,
      `self.m${i} = max(index, 3)`,
      `self.d${i} = {${number()}: rate}`,
      `self.r${i} = round(rate * 2, 3)`,
      `self.s${i} = str(index) if ${condition()} else 'none'`,
    ]);
  const body = (from: number) =>
    Array.from({ length: random.integer(1, 5) }, (_, i) => `        ${statement(from + i)}`).join("\n");
  return `
class Config:
    def __init__(self):
        self.width = 4
        self.kinds = ['a', 'b'] * 6
        self.chosen = [1, 4]
made = []
class Inner(nn.Module):
    def __init__(self, index, config, rate=0.2):
        super().__init__()
        self.config = config
${body(0).replaceAll("Inner(", "nn.Sequential(nn.Identity()) or (")}
class Block(nn.Module):
    def __init__(self, config, index, rate=0.0):
        super().__init__()
${body(10)}
class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([Block(config, i, rate=i / 20) for i in range(${random.integer(3, 12)})])
        ${random.pick(["pass", "config.width = 6", "config.kinds[0] = 'b'", "made.clear()"])}
        self.more = nn.ModuleList([Block(config, index=i) for i in range(${random.integer(1, 6)})])
config = Config()
model = Model(config)
`;
}
