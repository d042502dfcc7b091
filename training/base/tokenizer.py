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
    """A tokenizer for which every word of the captions is one token; any other text is split into bytes.

    The start and end tokens come last in the vocabulary: CLIP's text encoder finds the end token by its highest id.

    Args:
        tokens: length of an encoded prompt, start and end included.
    """
    all_attributes = itertools.product(PALETTES, LINES, TONES, BACKGROUNDS)
    corpus = [Attributes(*each).caption().replace(",", " ,") for each in all_attributes]
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
