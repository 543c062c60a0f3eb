# SPDX-License-Identifier: MIT
"""keys.py KEYS COMMAND...: a terminal of its own, on which someone presses one
key after the other, again and again, whenever the screen stands still.
Standard error stays what it is."""
import itertools
import os
import pty
import select
import signal
import sys

keys, command = itertools.cycle(sys.argv[1].encode() + b"\r"), sys.argv[2:]
errors = os.dup(2)
pid, screen = pty.fork()
if pid == 0:
    os.dup2(errors, 2)
    os.close(errors)
    os.execvp(command[0], command)
signal.alarm(120)
while True:
    if not select.select([screen], [], [], 0.05)[0]:
        os.write(screen, bytes([next(keys)]))
        continue
    try:
        if not os.read(screen, 65536):
            break
    except OSError:
        break
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
