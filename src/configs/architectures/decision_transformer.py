"""Decision Transformer: GPT-2 over returns, states and actions, three tokens for each step of time."""
import torch
from torch import nn

from .gpt2 import GPT2Config, GPT2Model
from .parts.heads import Model
from .parts.output import Output


class DecisionTransformerConfig(GPT2Config):
    model_type = "decision_transformer"
    attribute_map = {
        "max_position_embeddings": "n_positions",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    defaults = dict(
        {name: value for name, value in GPT2Config.defaults.items() if name != "n_embd"},
        state_dim=17,
        act_dim=4,
        hidden_size=128,
        max_ep_len=4096,
        action_tanh=True,
        vocab_size=1,
        n_layer=3,
        n_head=1,
        activation_function="relu",
    )


class DecisionTransformerGPT2Model(GPT2Model):
    pass


class DecisionTransformerModel(Model):
    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.encoder = DecisionTransformerGPT2Model(config)
        self.embed_timestep = nn.Embedding(config.max_ep_len, size)
        self.embed_return = nn.Linear(1, size)
        self.embed_state = nn.Linear(config.state_dim, size)
        self.embed_action = nn.Linear(config.act_dim, size)
        self.embed_ln = nn.LayerNorm(size)
        self.predict_state = nn.Linear(size, config.state_dim)
        bounds = [nn.Tanh()] if config.action_tanh else []
        self.predict_action = nn.Sequential(nn.Linear(size, config.act_dim), *bounds)
        self.predict_return = nn.Linear(size, 1)

    def inputs(self):
        config = self.config
        return {
            "states": f"float32[B, T, {config.state_dim}]",
            "actions": f"float32[B, T, {config.act_dim}]",
            "returns_to_go": "float32[B, T, 1]",
            "timesteps": "int64[B, T]",
        }

    def forward(self, states=None, actions=None, rewards=None, returns_to_go=None, timesteps=None, attention_mask=None, **kwargs):
        batch, length = states.shape[:2]
        if attention_mask is None:
            attention_mask = torch.ones((batch, length), dtype=torch.long)
        state = self.embed_state(states)
        action = self.embed_action(actions)
        gain = self.embed_return(returns_to_go)
        time = self.embed_timestep(timesteps)
        state = state + time
        action = action + time
        gain = gain + time
        x = torch.stack((gain, state, action), dim=1).permute(0, 2, 1, 3).reshape(batch, 3 * length, -1)
        x = self.embed_ln(x)
        mask = torch.stack((attention_mask,) * 3, dim=1).permute(0, 2, 1).reshape(batch, 3 * length)
        places = torch.zeros(mask.shape, device=x.device, dtype=torch.long)
        hidden = self.encoder(inputs_embeds=x, attention_mask=mask, position_ids=places).last_hidden_state
        x = hidden.reshape(batch, length, 3, -1).permute(0, 2, 1, 3)
        gains = self.predict_return(x[:, 2])
        states = self.predict_state(x[:, 2])
        actions = self.predict_action(x[:, 1])
        return Output(last_hidden_state=hidden, state_preds=states, action_preds=actions, return_preds=gains)
