import torch

from gpt import GPT, GPTConfig


def main():
    model = GPT(GPTConfig(n_layer=2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    tokens = torch.randint(0, 50257, (4, 128))
    loss = model(tokens).mean()
    loss.backward()
    optimizer.step()


if __name__ == "__main__":
    main()
