#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Chat formats as Jinja templates write them, in the environment that
transformers uses.

    chat.py FOLDER > tests/data/chat_cases.jsonl
    chat.py FOLDER --compare TEMPLATE...

FOLDER holds the templates of the models below (the chat_template of their
tokenizer_config.json) as FORMAT.jinja.  The second form says which format each
other template writes alike, if any: those may be listed in src/model/chat.c."""
import datetime
import hashlib
import json
import os
import pathlib
import random
import sys

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Format: the model, and the first digits of its template's SHA-256.
MODELS = {
    "chatml": ("teknium/OpenHermes-2.5-Mistral-7B", "fcf7a096fe99a48f"),
    "chatml-bos": ("NousResearch/Nous-Hermes-2-Mixtral-8x7B-DPO", "a805e50fed68938a"),
    "llama-2": ("meta-llama/Llama-2-7b-chat-hf", "e8d5b5a546d3f19d"),
    "llama-3": ("meta-llama/Meta-Llama-3-8B-Instruct", "ba03a121d097859c"),
    "llama-3.1": ("meta-llama/Llama-3.1-8B-Instruct", "e10ca381b1ccc5cf"),
    "mistral-v0.1": ("mistralai/Mistral-7B-Instruct-v0.1 (until 2024)", "7e995b379ec01747"),
    "mistral-v0.2": ("mistralai/Mixtral-8x7B-Instruct-v0.1 (until 2024)", "26a59556925c9873"),
    "mistral-v1": ("mistralai/Mistral-7B-Instruct-v0.2", "796853172235ab3a"),
    "mistral-v3": ("mistralai/Mistral-7B-Instruct-v0.3", "e16746b40344d6c5"),
    "mistral-v3-tekken": ("mistralai/Mistral-Nemo-Instruct-2407", "e4676cb56dffea77"),
    "mistral-v7": ("mistralai/Mistral-Large-Instruct-2411", "3c4ad5fa60dd8c7c"),
    "qwen2": ("Qwen/Qwen2-0.5B-Instruct", "793202280c0910ab"),
    "qwen2.5": ("Qwen/Qwen2.5-7B-Instruct", "cd8e9439f0570856"),
    "qwen3": ("Qwen/Qwen3-0.6B", "87a2728cb8dc9fe4"),
    "smollm2": ("HuggingFaceTB/SmolLM2-1.7B-Instruct", "872be49dbb638044"),
    "zephyr": ("HuggingFaceH4/zephyr-7b-beta", "66291cf0045c2425"),
}
# These models came without one: their makers' own words, as templates.
ALTERNATE = (
    "{%- if message.role != ('user', 'assistant')[loop.index0 % 2] %}"
    "{{ raise_exception('user and assistant take turns') }}{% endif %}"
)
ASKED = (
    "{%- if add_generation_prompt and rest | length % 2 == 0 %}"
    "{{ raise_exception('there is no question') }}{% endif %}"
)
OWN = {
    "vicuna": (     # lm-sys/FastChat, conversation "vicuna_v1.1"
        "{%- if messages[0].role == 'system' %}{% set rest = messages[1:] %}"
        "{{ messages[0].content }}{% else %}{% set rest = messages %}"
        "A chat between a curious user and an artificial intelligence assistant. "
        "The assistant gives helpful, detailed, and polite answers to the user's questions."
        "{% endif %}{{ ' ' }}" + ASKED +
        "{%- for message in rest %}" + ALTERNATE +
        "{{ message.role.upper() }}: {{ message.content }}"
        "{{ ' ' if message.role == 'user' else eos_token }}"
        "{%- endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
    ),
    "alpaca": (     # tatsu-lab/stanford_alpaca, prompt_no_input
        "{%- if messages[0].role == 'system' %}{% set rest = messages[1:] %}"
        "{{ messages[0].content }}{% else %}{% set rest = messages %}"
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request."
        "{% endif %}{{ '\\n\\n' }}" + ASKED +
        "{%- for message in rest %}" + ALTERNATE +
        "{%- if message.role == 'user' %}{{ '### Instruction:\\n' + message.content + '\\n\\n' }}"
        "{%- else %}{{ '### Response:' + message.content + eos_token + '\\n\\n' }}{% endif %}"
        "{%- endfor %}{% if add_generation_prompt %}### Response:{% endif %}"
    ),
}
SETTINGS = {"qwen3-no-think": ("qwen3", {"enable_thinking": False})}
TEXTS = [
    "Hello", "", " ", "\n", "  two  spaces  ", "\n\nlead", "trail\n\n", "\ttab\t",
    "\u00a0nbsp\u00a0", "\u3000wide\u2003\u2028", "\u200bzero width\u200b",
    "\x1cfile\x1f", "\x85next line\x85", "na\u00efve caf\u00e9", "\u6771\u4eac \U0001f642",
    "</s>", "<s>[INST] <<SYS>>", "<|im_end|>\n<|im_start|>system\n", "{{ 7 * 7 }} {% raw %}",
    "{content}{eos}\\n", "a\r\nb", "'quotes\" \\n",
]
THOUGHTS = [
    "<think>\nHm.\n</think>\n\nYes", "<think></think>No", "\n\n</think>\n", "<think>a</think>b</think>c",
    "<think>a<think>\nb\n</think>", "open <think> end", "<tool_response>\n7\n</tool_response>",
]
U, A, S = "user", "assistant", "system"
ORDERS = [
    [U, U], [U, A, A], [A, U], [U, S], [S], [A], [S, S, U], [U, A, S, U], [U, S, U], [S, A, U],
    [U, A, U, U], [U, A, A, U], [S, U, A], [S, U, A, A], [U, A, A, A],
]


class Refused(Exception):
    pass


def refuse(text):
    raise Refused(text)


env = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.globals["raise_exception"] = refuse
# The date that templates fall back to, so that texts stay the same.
env.globals["strftime_now"] = lambda form: datetime.date(2024, 7, 26).strftime(form)
env.filters["tojson"] = lambda x, **how: json.dumps(x, ensure_ascii=False, **how)


class Format:
    def __init__(self, template, settings):
        self.template = env.from_string(template)
        self.settings = settings
        hi = [(U, "Hi")]
        prompt = self.raw(hi)
        answered = self.raw(hi + [(A, "MARK")], answer=False).partition("MARK")[0]
        if not answered.startswith(prompt):
            raise ValueError("a prompt is not the beginning of its answer")
        self.prefix = answered[len(prompt):]
        # What stands behind the last question, where an answer can begin.
        ends = [self.raw([(U, t)])[::-1] for t in ("x", "y")]
        self.tail = os.path.commonprefix(ends)[::-1]
        self.bos = self.raw(hi, bos="MARK").startswith("MARK")

    def raw(self, messages, answer=True, bos="<s>"):
        return self.template.render(
            messages=[{"role": r, "content": t} for r, t in messages],
            add_generation_prompt=answer, bos_token=bos, eos_token="</s>",
            tools=None, documents=None, **self.settings)

    def drops(self, messages):
        marked = [(r, f"MARK{i}.") for i, (r, _) in enumerate(messages)]
        text = self.raw(marked)
        return any(t not in text for _, t in marked)

    def text(self, messages):
        """Prompt text up to where the assistant's answer begins or goes on;
        None where that cannot be written."""
        before, answer = messages, ""
        if messages[-1][0] == A:
            before, answer = messages[:-1], self.prefix + messages[-1][1]
        try:
            if not before or self.drops(before) or not self.raw(before).endswith(self.tail):
                return None
            return self.raw(before) + answer
        except (Refused, jinja2.UndefinedError):
            return None


def conversations():
    for t in TEXTS:
        yield [(U, t)]
        yield [(S, t), (U, t), (A, t), (U, t)]
        yield [(S, "Be kind."), (U, "Hi"), (A, t)]
    for t in THOUGHTS:
        yield [(S, t), (U, t), (A, t), (U, t)]
        yield [(U, "Hi"), (A, t), (A, t), (A, "So")]
    rng = random.Random(1)
    for n in range(1, 9):
        yield [(S, rng.choice(TEXTS))] + [((U, A)[i % 2], rng.choice(TEXTS)) for i in range(n)]
        yield [((U, A)[i % 2], rng.choice(TEXTS)) for i in range(n)]
    for order in ORDERS:
        yield [(r, t) for r, t in zip(order, "abcd")]


def read_formats(folder):
    text = dict(OWN)
    for name, (model, digest) in MODELS.items():
        data = (folder / f"{name}.jinja").read_bytes()
        if not hashlib.sha256(data).hexdigest().startswith(digest):
            sys.exit(f"{name}.jinja is not the template of {model}")
        text[name] = data.decode()
    formats = {name: Format(t, {}) for name, t in text.items()}
    for name, (of, settings) in SETTINGS.items():
        formats[name] = Format(text[of], settings)
    return dict(sorted(formats.items()))


def write_cases(formats):
    about = {name: {"bos": f.bos, "prefix": f.prefix} for name, f in formats.items()}
    print(json.dumps({"formats": about}))
    for c in conversations():
        print(json.dumps({"messages": c, "text": {n: f.text(c) for n, f in formats.items()}}))


def compare(formats, paths):
    cases = list(conversations())
    texts = {name: [f.text(c) for c in cases] for name, f in formats.items()}
    for path in paths:
        try:
            f = Format(pathlib.Path(path).read_bytes().decode(), {})
            mine = [f.text(c) for c in cases]
        except (jinja2.TemplateError, Refused, TypeError, ValueError) as e:
            print(f"{path}: {type(e).__name__}: {str(e)[:80]}")
            continue
        like = [n for n, t in texts.items() if t == mine and formats[n].bos == f.bos]
        print(f"{path}: {', '.join(like) or '-'}")


if __name__ == "__main__":
    made = read_formats(pathlib.Path(sys.argv[1]))
    if sys.argv[2:3] == ["--compare"]:
        compare(made, sys.argv[3:])
    else:
        write_cases(made)
