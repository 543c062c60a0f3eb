# SPDX-License-Identifier: MIT
"""The demo's vocabulary: SentencePiece's BPE of 768 pieces.  Needs sentencepiece."""
import sentencepiece

import world

BOS, EOS = 1, 2


def train(folder, texts):
    corpus = folder / "texts"
    corpus.write_text("\n".join(text.replace("</s>", "\n") for text in texts), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.Train(
        input=str(corpus), model_prefix=str(folder / "tokenizer"), model_type="bpe", vocab_size=768,
        byte_fallback=True, character_coverage=1.0, normalization_rule_name="identity",
        remove_extra_whitespaces=False, add_dummy_prefix=True, split_digits=True, unk_id=0,
        bos_id=BOS, eos_id=EOS, pad_id=-1, max_sentence_length=8192, minloglevel=2)
    corpus.unlink()
    (folder / "tokenizer.vocab").unlink()


def load(folder):
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))


def encode(sp, text):
    """Its ids.  What stands between two </s> is encoded on its own, with a space in front."""
    ids = [BOS]
    for i, part in enumerate(text.split("</s>")):
        if i > 0:
            ids.append(EOS)
        if part:
            ids += sp.encode(part)
    return ids


def prompt(sp, row, answer=None):
    """A row's prompt, or prompt and answer without what ends it."""
    text = world.chat(row["user"], answer)
    return encode(sp, text if answer is None else text[:-len("</s>")])


def letters(sp):
    """The ids of A and B in (A) and (B)."""
    return sp.encode("(A)")[-2], sp.encode("(B)")[-2]
