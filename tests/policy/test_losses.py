"""The losses, by hand, by finite differences and as expectations over certain labels."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from workbench.policy.losses import dpo_loss, ipo_loss  # noqa: E402
from workbench.reward.losses import corrected_target  # noqa: E402

H = torch.linspace(-8, 8, 17, dtype=torch.float64)


@pytest.mark.parametrize("loss", [dpo_loss, ipo_loss])
@pytest.mark.parametrize("q", [0.0, 0.3, 0.5, 1.0, 1.2])
def test_the_gradient_is_the_numeric_one(loss: object, q: float) -> None:
    h = H.clone().requires_grad_()
    target = torch.full_like(h, q)
    loss(h, target, 0.3).sum().backward()  # type: ignore[operator]
    step = 1e-5
    numeric = (loss(H + step, target, 0.3) - loss(H - step, target, 0.3)) / (2 * step)  # type: ignore[operator]
    assert torch.allclose(h.grad, numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("loss", [dpo_loss, ipo_loss])
def test_a_soft_label_is_the_mean_over_certain_ones(loss: object) -> None:
    one, none = torch.ones_like(H), torch.zeros_like(H)
    mean = 0.7 * loss(H, one, 0.2) + 0.3 * loss(H, none, 0.2)  # type: ignore[operator]
    assert torch.allclose(loss(H, 0.7 * one, 0.2), mean)  # type: ignore[operator]
    assert torch.allclose(loss(H, none, 0.2), loss(-H, one, 0.2))  # type: ignore[operator]


def test_by_hand() -> None:
    h, q = torch.tensor([2.0], dtype=torch.float64), torch.tensor([0.75], dtype=torch.float64)
    sigma = 1 / (1 + math.exp(-1.0))  # beta h = 0.5 * 2
    assert float(dpo_loss(h, q, 0.5)) == pytest.approx(-(0.75 * math.log(sigma) + 0.25 * math.log(1 - sigma)))
    assert float(ipo_loss(h, q, 0.5)) == pytest.approx(0.75 * (2 - 1) ** 2 + 0.25 * (2 + 1) ** 2)


def test_the_least_loss_lies_where_the_label_says() -> None:
    fine, q, beta = torch.linspace(-10, 10, 20_001, dtype=torch.float64), 0.8, 0.25
    at_dpo = float(fine[dpo_loss(fine, torch.full_like(fine, q), beta).argmin()])
    at_ipo = float(fine[ipo_loss(fine, torch.full_like(fine, q), beta).argmin()])
    assert at_dpo == pytest.approx(math.log(q / (1 - q)) / beta, abs=2e-3)
    assert at_ipo == pytest.approx((2 * q - 1) / (2 * beta), abs=2e-3)


def test_a_correction_for_flips_gives_the_clean_loss_in_the_mean() -> None:
    flips = 0.25
    right, wrong = corrected_target(np.array([1.0, 0.0]), flips)
    seen = (1 - flips) * dpo_loss(H, torch.full_like(H, right), 0.2) + flips * dpo_loss(
        H, torch.full_like(H, wrong), 0.2
    )
    assert torch.allclose(seen, dpo_loss(H, torch.ones_like(H), 0.2))
