"""Models of a few thousand weights in the forms that reward models come in, made from a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CHAT = (
    "{{ bos_token }}{% for m in messages %}"
    "<|{{ m['role'] }}|>{{ m['content'] | trim }}<|end|>"
    "{% endfor %}{{ eos_token }}"
)
WORDS = "the a clear answer is lol whatever nah because careful reason system user be brief hi hello"


def chat_tokenizer(template: str | None = CHAT) -> Any:
    """A byte-level tokenizer with roles, beginning and end, and without a pad token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    marks = ["<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=marks, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    inner.train_from_iterator([WORDS] * 5, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", chat_template=template, model_max_length=256
    )


def decoder(folder: Path, *, labels: int = 1, seed: int = 0, shard: str | None = None, dtype: str = "float32") -> Path:
    """A Llama of one thin layer that scores at the last token."""
    import torch
    from transformers import LlamaConfig, LlamaForSequenceClassification

    tokenizer = chat_tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
    )
    config.num_labels = labels
    config.pad_token_id = tokenizer.eos_token_id
    model = LlamaForSequenceClassification(config)
    with torch.no_grad():
        model.score.weight.mul_(20)
    model = model.to(getattr(torch, dtype))
    model.save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    tokenizer.save_pretrained(folder)
    return folder


def adapter(folder: Path, base: Path, seed: int = 1) -> Path:
    """A LoRA adapter on it, whose additions and last layer are not those they begin with."""
    import torch
    from peft import LoraConfig, TaskType, get_peft_model
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1)
    changed = get_peft_model(
        model, LoraConfig(task_type=TaskType.SEQ_CLS, r=2, lora_alpha=8, target_modules=["q_proj", "v_proj"])
    )
    with torch.no_grad():
        for name, weight in changed.named_parameters():
            if "lora_B" in name or "modules_to_save" in name:
                weight.normal_(0, 0.3)
    changed.save_pretrained(folder)
    return folder


def reference(model: Any, tokenizer: Any, conversations: list[list[dict[str, str]]]) -> list[list[float]]:
    """Logits as plain transformers gives them, one conversation at a time."""
    import torch

    found = []
    for messages in conversations:
        ids = tokenizer.apply_chat_template(messages, return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            found.append(model.eval()(**ids).logits[0].tolist())
    return found
