#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Figures that tests/check_tune.c compares with, from PyTorch.

    python3 tests/ref/tune_adamw.py > tests/data/tune/adamw.json

torch.optim.AdamW with clip_grad_norm_ and a LambdaLR on given gradients: weights,
the gradient's norm and the rate behind each step.
"""
import json
import math

import torch


def share(decay, warm, n):
    def at(s):
        if s < warm:
            return (s + 1) / warm
        p = (s + 1 - warm) / (n + 1 - warm)
        return {"cosine": (1 + math.cos(math.pi * p)) / 2, "linear": 1 - p, "none": 1.0}[decay]
    return at


def run(seed, n, steps, decay, warm, rate, weight_decay, clip, betas, eps):
    torch.manual_seed(seed)
    w = torch.nn.Parameter(torch.randn(n))
    case = {"rate": rate, "weight_decay": weight_decay, "clip": clip, "beta1": betas[0],
            "beta2": betas[1], "eps": eps, "decay": decay, "warm": warm,
            "start": w.tolist(), "steps": []}
    opt = torch.optim.AdamW([w], lr=rate, betas=betas, eps=eps, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(opt, share(decay, warm, steps))
    for s in range(steps):
        g = torch.randn(n) * 10 ** (s % 3 - 2)
        w.grad = g.clone()
        step = {"grad": g.tolist(), "rate": opt.param_groups[0]["lr"]}
        step["norm"] = (torch.nn.utils.clip_grad_norm_([w], clip) if clip
                        else w.grad.norm()).item()
        opt.step()
        schedule.step()
        step["w"] = w.tolist()
        case["steps"].append(step)
    return case


cases = [run(1, 5, 8, "cosine", 3, 1e-2, 0.0, 1.0, (0.9, 0.999), 1e-8),
         run(2, 4, 6, "linear", 0, 3e-3, 0.1, 0.0, (0.9, 0.95), 1e-6),
         run(3, 3, 4, "none", 4, 1e-1, 0.01, 0.5, (0.8, 0.99), 1e-8)]
print(json.dumps(cases))
