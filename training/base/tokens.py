"""The tokenizer of the bundled checkpoint: CLIP's byte-pair encoding over a small vocabulary."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

from training.base.attributes import BACKGROUNDS, LINES, PALETTES, TONES, Attributes

MERGES = 1000
"""More than the words of all captions need."""
START, END = "<|startoftext|>", "<|endoftext|>"


def build_tokenizer(tokens: int) -> CLIPTokenizer:
    """Learns merges until the words of the captions are one token each; any other text falls into bytes.

    The two marks come last, so that the end mark has the highest id, by which CLIP's text encoder finds it.

    Args:
        tokens: length of an encoded prompt, marks included.
    """
    looks = itertools.product(PALETTES, LINES, TONES, BACKGROUNDS)
    corpus = [Attributes(*look).caption().replace(",", " ,") for look in looks]
    learner = Tokenizer(BPE(end_of_word_suffix="</w>", unk_token=END))
    learner.normalizer = normalizers.Lowercase()
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    learner.train_from_iterator(
        corpus, BpeTrainer(vocab_size=MERGES, end_of_word_suffix="</w>", show_progress=False)
    )
    merges: Any = [tuple(pair) for pair in _merges(learner)]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    entries = [*letters, *(f"{letter}</w>" for letter in letters)]
    entries += [a + b for a, b in merges if a + b not in entries]
    vocab = {entry: number for number, entry in enumerate([*entries, START, END])}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=tokens)


def _merges(learner: Tokenizer) -> list[list[str]]:
    return json.loads(learner.to_str())["model"]["merges"]
