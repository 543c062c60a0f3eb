#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a run of shards takes on many machines, some slow and some lost.

    tests/ref/stragglers.py QUESTIONS.jsonl...      # HACKING: A thousand machines

A row costs its prompt (a token for 4 bytes) and 64 answers' tokens at five times the
price; rows are repeated to about 30,000. Machines differ in speed by a tenth (lognormal),
and one in a hundred has half of it; each start of a program takes a minute (reading the
model), a requeue two. A program that is killed keeps all but the row under way with
--resume, else nothing. Each figure is the mean of three runs: when the last shard is done,
in units of a perfect division of the work (4 hours); and what share of it was done twice.
"""
import heapq
import json
import random
import sys

MACHINES, HOURS, START, REQUEUE = 1000, 4, 60, 120


def costs(paths):
    one = [len(json.loads(line)["question"]) / 4 + 64 * 5 for p in paths for line in open(p)]
    return one * max(1, round(30000 / len(one)))


def deal(rows, n, contiguous):
    cut = [len(rows) * i // n for i in range(n + 1)]
    return [rows[a:b] for a, b in zip(cut, cut[1:])] if contiguous else [rows[i::n] for i in range(n)]


def run(rows, n, contiguous, resume, lost_per_day, seed):
    draw = random.Random(seed)
    second = HOURS * 3600 * MACHINES / sum(rows)
    shards = deal(rows, n, contiguous)
    work = [sum(s) * second for s in shards]
    speed = [draw.lognormvariate(0, 0.1) * (0.5 if draw.random() < 0.01 else 1) for _ in range(MACHINES)]
    machines = [(0.0, m) for m in range(MACHINES)]
    queue = [(0.0, i, w) for i, w in enumerate(work)]
    end = twice = 0
    while queue:
        ready, i, left = heapq.heappop(queue)
        free, m = heapq.heappop(machines)
        now = max(ready, free)
        takes = START + left / speed[m]
        lost = draw.expovariate(lost_per_day / 86400) if lost_per_day else float("inf")
        if lost >= takes:
            end = max(end, now + takes)
            heapq.heappush(machines, (now + takes, m))
            continue
        done = max(0, lost - START) * speed[m]
        kept = max(0, done - draw.random() * work[i] / len(shards[i])) if resume else 0
        twice += done - kept
        heapq.heappush(queue, (now + lost + REQUEUE, i, left - kept if resume else work[i]))
        heapq.heappush(machines, (now + lost + REQUEUE, m))
    return end / (HOURS * 3600), twice / (HOURS * 3600 * MACHINES)


def main():
    rows = costs(sys.argv[1:])
    print(f"{len(rows)} rows\nlost/day shards  contiguous  dealt     without --resume (twice)")
    for lost in (0, 1, 12):
        for n in (1000, 3000, 10000, 30000):
            cells = []
            for contiguous, resume in ((True, True), (False, True), (False, False)):
                if not resume and lost * HOURS * MACHINES / n > 24:
                    cells.append("never ends")
                    continue
                got = [run(rows, n, contiguous, resume, lost, seed) for seed in range(3)]
                cells.append(f"{sum(g[0] for g in got) / 3:.2f} ({sum(g[1] for g in got) / 3:.3f})")
            print(f"{lost:8} {n:6}  " + "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
