"""Parts of a newsgroup post that tell the group without being about its subject."""

from __future__ import annotations

REPLY_PHRASES = ("writes in", "writes:", "wrote:", "says:", "said:")
QUOTE_STARTS = ("In article", "Quoted from", "|", ">")


def without_headers(post: str) -> str:
    r"""The post after its first empty line.

    >>> without_headers("From: a\nSubject: b\n\nHello")
    'Hello'
    """
    return post.partition("\n\n")[2]


def without_footers(post: str) -> str:
    r"""The post without its last block, taken for a signature, where a line of dashes
    or an empty one precedes it.

    >>> without_footers("Hello\n--\nA. Person")
    'Hello'
    """
    lines = post.strip().split("\n")
    rules = [number for number, line in enumerate(lines) if not line.strip().strip("-")]
    return "\n".join(lines[: rules[-1]]) if rules and rules[-1] > 0 else post


def without_quotes(post: str) -> str:
    r"""The post without quoted lines and the lines that introduce them.

    >>> without_quotes("B wrote:\n> Hi\nHello")
    'Hello'
    """
    return "\n".join(
        line
        for line in post.split("\n")
        if not line.startswith(QUOTE_STARTS) and not any(phrase in line for phrase in REPLY_PHRASES)
    )
