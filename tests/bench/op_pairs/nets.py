"""Which nets the bench makes: a producer, then one to three followers, by names from `steps`."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

from op_pairs.steps import FOLLOWERS, PRODUCERS

CORE = (
    *("relu", "relu6", "leaky_relu", "swish", "hardswish", "hardsigmoid", "sigmoid", "gelu", "tanh", "mish", "elu"),
    *("times_2", "divide_by_3", "affine", "clip", "add_bias", "add_input", "add_map"),
)
"""Followers whose pairs are all tried after each of FULLY_PAIRED."""
FULLY_PAIRED = ("conv", "fc")
SINGLES_OF = (*FULLY_PAIRED, "conv_bn", "depthwise_bn", "fc_without_bias", "matmul")
TRIPLES = 150
SEED = 20

KNOWN_WRONG = (
    *("fc.sigmoid.clip", "fc.divide_by_2.times_3", "fc.swish.relu", "fc.sigmoid.affine.tanh"),
    *("conv.leaky_relu", "conv_bn.leaky_relu", "depthwise_bn.leaky_relu.times_2", "conv.swish.relu"),
    *("fc_without_bias.times_2.leaky_relu", "scaled_matmul.leaky_relu", "conv.channel_norm.channel_norm"),
    *("fc.clip.relu", "fc_without_bias.concat_self", "conv_bias_bn.relu_and_self.add_bias", "bare_bn.relu"),
)
"""Kinds that Paddle's default passes get wrong, or crash on."""


def all_nets() -> list[str]:
    """Every net, in a fixed order, without repetition."""
    return list(dict.fromkeys([*KNOWN_WRONG, *_singles(), *_pairs(), *_random_pairs(), *_triples()]))


def sample(count: int) -> list[str]:
    """KNOWN_WRONG and others, spread evenly over all."""
    others = [net for net in all_nets() if net not in KNOWN_WRONG]
    left = count - len(KNOWN_WRONG)
    return [*KNOWN_WRONG, *(others[index * len(others) // left] for index in range(left))]


def _singles() -> Iterator[str]:
    for pair in itertools.product(SINGLES_OF, FOLLOWERS):
        yield ".".join(pair)


def _pairs() -> Iterator[str]:
    for producer, first, second in itertools.product(FULLY_PAIRED, CORE, CORE):
        yield f"{producer}.{first}.{second}"


def _random_pairs() -> Iterator[str]:
    """A third of each producer's followers, with any other behind each."""
    chooser = random.Random(SEED)
    for producer in PRODUCERS:
        firsts, seconds = list(FOLLOWERS), list(FOLLOWERS)
        chooser.shuffle(firsts)
        chooser.shuffle(seconds)
        for first, second in list(zip(firsts, seconds, strict=True))[::3]:
            yield f"{producer}.{first}.{second}"


def _triples() -> Iterator[str]:
    chooser = random.Random(SEED + 1)

    def one_of(names: Sequence[str]) -> str:
        return chooser.choice(list(names))

    for _ in range(TRIPLES):
        yield ".".join([one_of(tuple(PRODUCERS)), *(one_of(tuple(FOLLOWERS)) for _ in range(3))])
