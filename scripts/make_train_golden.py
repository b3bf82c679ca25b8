#!/usr/bin/env python3
"""Writes tests/golden/train/loss.json: losses and gradients of the contrastive loss on small cases, by PyTorch.

Needs torch. Run from the repository root: python3 scripts/make_train_golden.py
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

B, D, H = 5, 4, 2
TEMPERATURE = 0.2


def loss_of(case, users, personas, hard, log_q, ids, user_map, persona_map):
    u = F.normalize(users @ user_map.T)
    p = F.normalize(personas @ persona_map.T)
    cosine = u @ p.T
    eye = torch.eye(B, dtype=torch.bool)
    masked = torch.zeros(B, B, dtype=torch.bool)
    for name in ("user", "persona", "item"):
        if case.get("mask_" + name):
            column = torch.tensor(ids[name])
            masked |= (column[None, :] == column[:, None]) & ~eye
    if case.get("percpos"):
        masked |= (cosine.detach() > case["percpos"] * cosine.detach().diagonal()[:, None]) & ~eye
    logits = cosine / TEMPERATURE
    if case.get("log_q"):
        logits = logits + log_q[None, :]
    logits = logits.masked_fill(masked, float("-inf"))
    if case.get("hard"):
        h = F.normalize((hard.reshape(B * H, D) @ persona_map.T)).reshape(B, H, D)
        extra = torch.einsum("bhd,bd->bh", h, u) / TEMPERATURE
        missing = hard.abs().sum(2) == 0
        logits = torch.cat([logits, extra.masked_fill(missing, float("-inf"))], dim=1)
    smoothing = case.get("smoothing", 0.0)
    if not bool(torch.isinf(logits).any()):  # PyTorch's own loss where nothing is masked
        forward = F.cross_entropy(logits, torch.arange(B), label_smoothing=smoothing)
    else:
        log_p = F.log_softmax(logits, dim=1)
        rows = []
        for i in range(B):
            open_columns = log_p[i][torch.isfinite(log_p[i])]
            rows.append(-(1 - smoothing) * log_p[i, i] - smoothing * open_columns.mean())
        forward = torch.stack(rows).mean()
    if not case.get("symmetric"):
        return forward
    backward = (cosine.T / TEMPERATURE).masked_fill(masked.T, float("-inf"))
    return (forward + F.cross_entropy(backward, torch.arange(B), label_smoothing=smoothing)) / 2


def main():
    torch.manual_seed(7)
    torch.set_default_dtype(torch.float64)  # the golden values; ours are f32
    users = F.normalize(torch.randn(B, D)).float().double()
    personas = F.normalize(torch.randn(B, D)).float().double()
    hard = F.normalize(torch.randn(B, H, D), dim=2).float().double()
    hard[1, 1] = 0
    log_q = (-torch.log(torch.rand(B))).float().double()
    ids = {"user": [0, 1, 0, 2, 3], "persona": [5, 6, 7, 6, 8], "item": [9, 9, 10, 11, 12]}
    maps = [torch.eye(D) + 0.3 * torch.randn(D, D) for _ in range(2)]
    maps = [m.float().double() for m in maps]
    cases = {
        "plain": {},
        "log_q": {"log_q": True},
        "smoothing": {"smoothing": 0.1},
        "symmetric": {"symmetric": True},
        "mask_user": {"mask_user": True},
        "mask_persona": {"mask_persona": True},
        "mask_item": {"mask_item": True},
        "percpos": {"percpos": 0.95},
        "hard": {"hard": True},
        "shared": {"shared": True},
        "all": {"log_q": True, "smoothing": 0.05, "mask_user": True, "mask_persona": True, "mask_item": True, "hard": True},
    }
    out = {"temperature": TEMPERATURE, "users": users.tolist(), "personas": personas.tolist(), "hard": hard.tolist(),
           "log_q": log_q.tolist(), "ids": ids, "user_map": maps[0].tolist(), "persona_map": maps[1].tolist(), "cases": []}
    for name, case in cases.items():
        user_map = maps[0].clone().requires_grad_(True)
        persona_map = user_map if case.get("shared") else maps[1].clone().requires_grad_(True)
        loss = loss_of(case, users, personas, hard, log_q, ids, user_map, persona_map)
        loss.backward()
        gradients = [user_map.grad.tolist()] if case.get("shared") else [user_map.grad.tolist(), persona_map.grad.tolist()]
        out["cases"].append({"name": name, **case, "loss": loss.item(), "gradients": gradients})
    path = Path("tests/golden/train/loss.json")
    path.write_text(json.dumps(out, indent=1) + "\n")
    print("wrote", path)


if __name__ == "__main__":
    main()
