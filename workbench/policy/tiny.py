"""A language model of a few thousand weights made on the spot, to try everything without a download.

It knows the words of the data and has read their responses for a moment; it answers in word salad. What is trained on
it shows that labels reach the policy, and nothing about a real one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.drafts import drafted_folder
from workbench.policy.base import causal_model
from workbench.policy.objectives import ChosenTexts
from workbench.policy.texts import Sequences, read_text
from workbench.progress import UNWATCHED, Watch
from workbench.reward.loop import order_of

TINY = "tiny"
"""The name by which it is asked for."""
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|> {{ m['content'] }} <|end|> {% endfor %}"
    "{% if add_generation_prompt %}<|assistant|> {% endif %}"
)


def make_tiny_model(
    folder: Path,
    texts: Sequence[str],
    *,
    words: int = 2_000,
    width: int = 32,
    layers: int = 2,
    positions: int = 128,
    chat: bool = False,
    seed: int = 0,
) -> Path:
    """Writes a random Llama of two thin layers with a tokenizer of the most frequent words of these texts.

    Parameters
    ----------
    words : of the vocabulary at most; any other reads as unknown.
    width, layers, positions : of the model.
    chat : with a chat template, `<|user|> ... <|end|> <|assistant|> ... <|end|>`.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(texts, words, chat)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=positions,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]), drafted_folder(folder, last=("config.json",)) as place:
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(place)
        tokenizer.model_max_length = positions
        tokenizer.save_pretrained(place)
    return folder


def read_for_a_moment(
    folder: Path,
    prompts: Sequence[str],
    responses: Sequence[str],
    *,
    steps: int = 40,
    batch: int = 8,
    rate: float = 3e-3,
    seed: int = 0,
    watch: Watch = UNWATCHED,
) -> Path:
    """Lets the model in a folder read responses, so that it has a language to lose; changes the folder."""
    import torch

    model, tokenizer = causal_model(folder)
    longest = model.config.max_position_embeddings
    read = [read_text(tokenizer, p, r, longest) for p, r in zip(prompts, responses, strict=True)]
    texts = Sequences([ids for ids, _ in read], np.array([at for _, at in read], np.int64))
    objective = ChosenTexts(texts, tokenizer.pad_token_id)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    for step in range(steps):
        watch.step(step, steps, "Letting the tiny model read")
        loss, _ = objective.loss(model, order_of(objective.units, batch, seed, step))
        loss.mean().backward()
        optimiser.step()
        optimiser.zero_grad()
    with drafted_folder(folder, last=("config.json",)) as place:
        model.save_pretrained(place)
    return folder


def _tokenizer(texts: Sequence[str], words: int, chat: bool) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.split())
    special = ["<pad>", "<unk>", "<end>", *(["<|end|>", "<|user|>", "<|assistant|>", "<|system|>"] if chat else [])]
    kept = [word for word, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:words]]
    names = [*special, "\n\n", *(word for word in kept if word not in special)]
    inner = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n\n", "isolated"), pre_tokenizers.Split(Regex(r"[^\S\n]+|(?<!\n)\n(?!\n)"), "removed")]
    )
    inner.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    end = "<|end|>" if chat else "<end>"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="<unk>",
        pad_token="<pad>",
        eos_token=end,
        additional_special_tokens=special[3:],
    )
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
