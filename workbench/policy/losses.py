r"""What a pair teaches a policy, for labels that need not be certain.

With $h = \ln\frac{\pi(a)}{\pi_0(a)} - \ln\frac{\pi(b)}{\pi_0(b)}$, the policy's log-ratio of response A less that of
response B, and $q$ the probability that A is preferred:

| method, at $q = 1$ that of | loss of a pair |
|---|---|
| DPO (Rafailov et al. 2023, eq. 7) | $-[q \ln\sigma(\beta h) + (1 - q) \ln\sigma(-\beta h)]$ |
| IPO (Azar et al. 2024, eq. 17) | $q\,(\bar h - \frac{1}{2\tau})^2 + (1 - q)\,(\bar h + \frac{1}{2\tau})^2$ |

$\bar h$ is $h$ with each response's log-ratio divided by its tokens, as TRL has it and the authors confirmed. Both are
the expectation of the loss at a certain label over labels drawn with probability $q$, so their gradients are right
whatever the crew's doubt. DPO's least value lies at $\beta h = \ln\frac{q}{1 - q}$ and IPO's at
$\bar h = \frac{2q - 1}{2\tau}$: an unsure label pulls a policy less far, and a tie back to the reference.
"""

from __future__ import annotations

import torch
from torch.nn.functional import logsigmoid


def dpo_loss(h: torch.Tensor, target: torch.Tensor, beta: float) -> torch.Tensor:
    """Loss of each pair, (n,).

    Parameters
    ----------
    h : (n,): log-ratio of A less that of B, summed over tokens.
    target : (n,): probability that A is preferred; outside [0, 1] after a correction for flipped labels, in which the
        loss is linear.

    >>> dpo_loss(torch.tensor([0.0, 20.0]), torch.tensor([1.0, 0.5]), 0.1).tolist()
    [0.6931471824645996, 1.1269280910491943]
    """
    return -(target * logsigmoid(beta * h) + (1 - target) * logsigmoid(-beta * h))


def ipo_loss(h: torch.Tensor, target: torch.Tensor, tau: float) -> torch.Tensor:
    """Loss of each pair, (n,).

    Parameters
    ----------
    h : (n,): log-ratio of A less that of B, each divided by the tokens of its response.
    target : (n,): probability that A is preferred.

    >>> ipo_loss(torch.tensor([0.0, 5.0]), torch.tensor([0.5, 1.0]), 0.1).tolist()
    [25.0, 0.0]
    """
    far = 1 / (2 * tau)
    return target * (h - far) ** 2 + (1 - target) * (h + far) ** 2
