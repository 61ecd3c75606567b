"""Bits that fall over: for tests of what data notice of their own damage."""

import random


def flipped(content, place):
    """The bytes with one bit turned over."""
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def some_bits(content, count, seed=0):
    """So many places of single bits in the content, drawn at random by the seed."""
    return random.Random(seed).sample(range(8 * len(content)), count)
