#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write tests/data/chat_cases.jsonl: conversations and what Jinja makes of
them, in the environment that transformers uses.  The templates are those of
HuggingFaceH4/zephyr-7b-beta and meta-llama/Llama-2-7b-chat-hf."""
import itertools
import json
import random

from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATES = {
    "zephyr": """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "llama-2": (
        "{% if messages[0]['role'] == 'system' %}"
        "{% set loop_messages = messages[1:] %}"
        "{% set system_message = messages[0]['content'] %}"
        "{% else %}{% set loop_messages = messages %}"
        "{% set system_message = false %}{% endif %}"
        "{% for message in loop_messages %}"
        "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Conversation roles must alternate "
        "user/assistant/user/assistant/...') }}{% endif %}"
        "{% if loop.index0 == 0 and system_message != false %}"
        "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n'"
        " + message['content'] %}"
        "{% else %}{% set content = message['content'] %}{% endif %}"
        "{% if message['role'] == 'user' %}"
        "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}"
        "{{ ' '  + content.strip() + ' ' + eos_token }}"
        "{% endif %}{% endfor %}"
    ),
}
PREFIX = {"zephyr": "", "llama-2": " "}
TEXTS = [
    "Hello", "", " ", "\n", "  two  spaces  ", "\n\nlead", "trail\n\n", "\ttab\t",
    "\u00a0nbsp\u00a0", "\u3000wide\u2003\u2028", "\u200bzero width\u200b",
    "\x1cfile\x1f", "\x85next line\x85", "na\u00efve caf\u00e9", "\u6771\u4eac \U0001f642",
    "</s>", "<s>[INST] <<SYS>>", "{{ 7 * 7 }} {% raw %}", "a\r\nb", "'quotes\" \\n",
]


class Refused(Exception):
    pass


def refuse(text):
    raise Refused(text)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
env.globals["raise_exception"] = refuse


def render(name, messages):
    """Prompt text up to where the assistant's answer begins or goes on."""
    before, answer = messages, None
    if messages[-1]["role"] == "assistant":
        before, answer = messages[:-1], messages[-1]["content"]
    text = env.from_string(TEMPLATES[name]).render(
        messages=before, add_generation_prompt=True, bos_token="<s>", eos_token="</s>")
    return text if answer is None else text + PREFIX[name] + answer


def conversations():
    for text in TEXTS:
        yield [("user", text)]
        yield [("system", text), ("user", "Hi")]
        yield [("system", "Be kind."), ("user", text)]
        yield [("user", "Hi"), ("assistant", text)]
        yield [("user", "Hi"), ("assistant", text), ("user", "So?")]
    rng = random.Random(1)
    for n in itertools.chain(range(1, 7), range(1, 7), range(1, 7)):
        for system in (False, True):
            c = [("system", rng.choice(TEXTS))] if system else []
            yield c + [("user" if i % 2 == 0 else "assistant", rng.choice(TEXTS))
                       for i in range(n)]
    # Orders that only some templates take.
    yield [("user", "a"), ("user", "b")]
    yield [("user", "a"), ("assistant", "b"), ("assistant", "c")]
    yield [("assistant", "a"), ("user", "b")]
    yield [("user", "a"), ("system", "b")]


for name in TEMPLATES:
    for c in conversations():
        messages = [{"role": r, "content": t} for r, t in c]
        try:
            text = render(name, messages)
        except Refused:
            text = None
        # Llama-2's template drops such a message without a word; syc refuses.
        if name == "llama-2" and any(r == "system" for r, _ in c[1:]):
            text = None
        # It would have no question to answer.
        if name == "llama-2" and c[-2:] == [("assistant", "b"), ("assistant", "c")]:
            text = None
        print(json.dumps({"chat": name, "messages": messages, "text": text}))
