"""Writes gguf_types.tsv: element types and mixtures of GGUF files, as llama.cpp's own Python package gives them.

    pip install gguf && python3 test/oracle/make_gguf_types.py > test/oracle/gguf_types.tsv
"""
import importlib.metadata

import gguf

print(f"# gguf {importlib.metadata.version('gguf')}; python3 test/oracle/make_gguf_types.py")
print("kind\tnumber\tname\telements\tbytes")
for kind, (elements, size) in gguf.GGML_QUANT_SIZES.items():
    print("type", kind.value, kind.name, elements, size, sep="\t")
for kind in gguf.LlamaFileType:
    if kind.name != "GUESSED":
        print("mixture", kind.value, kind.name.replace("ALL_", "").replace("MOSTLY_", ""), "", "", sep="\t")
