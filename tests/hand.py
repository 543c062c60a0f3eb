# SPDX-License-Identifier: MIT
"""syc-label --by=hand at a terminal of its own."""
import json
import os
import pty
import select
import signal
import termios
import time

ROWS = [
    {"id": "a", "question": "Is it so?\n (A) yes\n (B) no", "completion": "(A) Certainly. " + "word " * 60,
     "label": 0, "score": {"SECRET": {"prompt": [0.5]}}, "p_match": 0.123456},
    {"id": "b", "messages": [{"role": "user", "content": "Well?"}], "completion": "No \x1b[2J\x9b31m\u202ereally"},
    {"id": "c", "prompt": "raw text", "completion": ""},
    {"id": "d", "question": "Q", "completion": "x" * 300},
]


class Session:
    """The program behind a pseudoterminal; keys in, screen out."""

    def __init__(self, *args):
        self.screen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp("syc-label", ["syc-label", "--by=hand", *args])

    def read(self, wait):
        if not select.select([self.fd], [], [], wait)[0]:
            return False
        try:
            new = os.read(self.fd, 65536)
        except OSError:
            return False
        self.screen += new
        return bool(new)

    def wait_for(self, text, times=1):
        end = time.time() + 60
        while self.screen.count(text) < times:
            assert time.time() < end, (text, self.screen)
            self.read(0.2)

    def keys(self, keys):
        for key in keys:
            os.write(self.fd, key)
            time.sleep(0.02)

    def raw(self):
        return not termios.tcgetattr(self.fd)[3] & termios.ICANON

    def end(self, terminal=None):
        end = time.time() + 60
        while True:
            self.read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            assert time.time() < end, self.screen
        while self.read(0.1):
            pass
        if terminal is not None:
            flags = termios.tcgetattr(terminal)[3]
            assert flags & termios.ICANON and flags & termios.ECHO, "the terminal is left raw"
            os.close(terminal)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def labels(path):
    return [json.loads(line)["label"] for line in open(path)]


with open("rows", "w") as f:
    for r in ROWS:
        f.write(json.dumps(r) + "\n")

# Stop after two keys: both are there, the file is not.
s = Session("-o", "out", "rows")
s.wait_for(b"[1 of 4]")
assert s.raw(), "keys wait for Enter"
s.keys([b"y"])
s.wait_for(b"[2 of 4]")
assert labels("out.part") == [1], "the first key is not on disk"
s.keys([b"x", b"n"])
s.wait_for(b"[3 of 4]")
assert labels("out.part") == [1, 0]
s.keys([b"q"])
assert s.end() == 0, s.screen
assert b"2 of 4 rows are labeled in out.part" in s.screen
assert not os.path.exists("out")
# Blind: neither scores, probabilities nor labels are shown; nothing steers
# the terminal; lines are wrapped.
for secret in (b"SECRET", b"0.123456", b"score", b"\x1b[2J", b"\xc2\x9b", b"\xe2\x80\xae", b'"label"'):
    assert secret not in s.screen, secret
assert b"Certainly." in s.screen and b"really" in s.screen and b"(B) no" in s.screen
assert max(len(line) for line in s.screen.decode().splitlines()) <= 100

# Go on: undo takes back labels of this session and the one before.
s = Session("-v", "-o", "out", "--labeler", "hand", "rows")
s.wait_for(b"[3 of 4]")
s.keys([b"?"])
s.wait_for(b"[4 of 4]")
assert labels("out.part") == [1, 0, None]
s.keys([b"u"])
s.wait_for(b"[3 of 4]", 2)
s.keys([b"\x7f"])
s.wait_for(b"[2 of 4]")
assert labels("out.part") == [1]
s.keys([b"1"])
s.wait_for(b"[3 of 4]", 3)
s.keys([b" "])
s.wait_for(b"[4 of 4]", 2)
s.keys([b"0"])
s.wait_for(b"All 4 rows are labeled")
assert not os.path.exists("out")
s.keys([b"y", b"u"])
s.wait_for(b"[4 of 4]", 3)
s.keys([b"y"])
s.wait_for(b"All 4 rows are labeled", 2)
s.keys([b"\n"])
assert s.end() == 0, s.screen
assert b"3 sycophantic, 0 not, 1 undecided" in s.screen
assert not os.path.exists("out.part")
assert labels("out") == [1, 1, None, 1]
for r, line in zip(ROWS, open("out")):
    got = json.loads(line)
    assert got["labeler"] == "hand" and got["why"] == "hand"
    assert {k: v for k, v in got.items() if k not in ("label", "labeler", "why")} == \
        {k: v for k, v in r.items() if k != "label"}

# Labels by hand are not overwritten.
s = Session("-o", "out", "rows")
assert s.end() == 1
assert b"out: is there already" in s.screen

# Signals: the terminal gets its settings back, labels stay.
for n, sig in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGABRT)):
    s = Session("-o", "sig", "rows")
    s.wait_for(b"[%d of 4]" % (min(n, 3) + 1))
    if n < 3:
        s.keys([b"y"])
        s.wait_for(b"[%d of 4]" % (n + 2))
    assert s.raw()
    terminal = os.open("/proc/%d/fd/0" % s.pid, os.O_RDWR | os.O_NOCTTY)
    os.kill(s.pid, sig)
    status = s.end(terminal)
    assert status == (-sig if sig == signal.SIGABRT else 1), (sig, status, s.screen)
    assert labels("sig.part") == [1] * min(n + 1, 3)

# A signal just before the program waits is not lost, whichever of its threads
# the signal goes to.
for n in range(40):
    s = Session("-o", "soon", "rows")
    s.wait_for(b"[1 of 4]")
    end = time.perf_counter() + n * 1e-6
    while time.perf_counter() < end:
        pass
    os.kill(s.pid, signal.SIGTERM)
    assert s.end() == 1, s.screen

# ^C at the keyboard is a signal, too.
s = Session("-o", "key", "rows")
s.wait_for(b"[1 of 4]")
s.keys([b"\x03"])
assert s.end() == 1 and b"stopped" in s.screen

# Half a row at the end of the file is cut; rows of another input are refused.
s = Session("-o", "cut", "rows")
s.wait_for(b"[1 of 4]")
s.keys([b"y", b"n"])
s.wait_for(b"[3 of 4]")
# Meanwhile nobody else labels into the file.
t = Session("-o", "cut", "rows")
assert t.end() == 1 and b"another program is writing it" in t.screen
os.kill(s.pid, signal.SIGKILL)
s.end()
os.truncate("cut.part", os.path.getsize("cut.part") - 5)
s = Session("-o", "cut", "rows")
s.wait_for(b"[2 of 4]")
assert labels("cut.part") == [1]
s.keys([b"q"])
s.end()
for args in (["--labeler", "me", "rows"], ["others"]):
    with open("others", "w") as f:
        f.write(json.dumps(ROWS[1]) + "\n")
    s = Session("-o", "cut", *args)
    assert s.end() == 1 and b"row 1 was not labeled from these rows" in s.screen, s.screen
assert labels("cut.part") == [1]

# A sample: by condition and the judge's label, neither shown; conversations are read out.
with open("judged", "w") as f:
    f.write('{"id": "bare", "completion": "SECRETLESS"}\n')
    for n in range(40):
        row = {"id": "j%d" % n, "task": "SECRETTASK", "condition": "SECRET%d" % (n % 2), "label": n // 2 % 2,
               "messages": [{"role": "user", "content": "Is it?"}], "why": "SECRETWHY",
               "turns": [{"user": "Really so?"}], "replies": ["First word.", "Last word."]}
        f.write(json.dumps(row) + "\n")
for out in ("drawn", "again"):
    s = Session("--sample", "8", "--seed", "5", "-o", out, "judged")
    for n in range(8):
        s.wait_for(b"[%d of 8]" % (n + 1))
        s.keys([b"y" if n % 2 else b"n"])
    s.wait_for(b"All 8 rows are labeled")
    s.keys([b"\n"])
    assert s.end() == 0, s.screen
    assert b"SECRET" not in s.screen
    for said in (b"First word.", b"Really so?", b"Last word."):
        assert s.screen.count(said) >= 8, said
drawn = [json.loads(line) for line in open("drawn")]
assert open("drawn").read() == open("again").read()
assert sorted(d["sampled"]["stratum"] for d in drawn) == \
    ["SECRETTASK/SECRET%d/%d" % (c, l) for c in (0, 1) for l in (0, 1) for _ in (0, 1)]
assert all(d["sampled"]["p"] == 0.2 and str(d["sampled"]["label"]) == d["sampled"]["stratum"][-1] for d in drawn)
assert [d["id"] for d in drawn] != sorted(d["id"] for d in drawn)
