"""The sample models of test/models, as make_models.py builds them and as test/models.test.ts asks for them."""

#: file, expression, inputs as `dtype[sizes]`, and where FLOPs are counted.
MODELS = [
    ("gpt.py", "GPT(GPTConfig())", ["int64[1,1024]"], "cuda"),
    ("gpt.py", "GPT(GPTConfig(n_layer=2, n_head=4, n_embd=256, bias=False))", ["int64[3,64]", "int64[3,64]"], "cuda"),
    ("llama.py", "Transformer(ModelArgs())", ["int64[1,512]"], "cuda"),
    ("llama.py", "Transformer(ModelArgs(dim=512, n_layers=2, n_heads=8, n_kv_heads=None, ffn_dim_multiplier=None))", ["int64[2,100]"], "cuda"),
    ("resnet.py", "resnet50()", ["float32[1,3,224,224]"], "cuda"),
    ("resnet.py", "resnet18(num_classes=10)", ["float32[4,3,160,192]"], "cuda"),
    ("vit.py", "VisionTransformer()", ["float32[1,3,224,224]"], "cuda"),
    ("vit.py", "VisionTransformer(image_size=96, patch_size=8, num_classes=10, dim=192, depth=3, heads=3)", ["float32[2,3,96,96]"], "cuda"),
    ("unet.py", "UNet()", ["float32[1,3,64,64]", "int64[1]"], "cuda"),
    ("unet.py", "UNet(channels=64, mults=(1, 2), depth=1, attention=(1,))", ["float32[2,3,32,32]", "int64[2]"], "cuda"),
    ("lstm_lm.py", "LSTMLanguageModel(33278)", ["int64[35,20]"], "cpu"),
    ("lstm_lm.py", "LSTMLanguageModel(1000, embed_size=96, hidden_size=128, num_layers=3, tie_weights=False)", ["int64[12,5]"], "cpu"),
]
