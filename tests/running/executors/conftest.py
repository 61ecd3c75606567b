"""Methods that attack the process that runs them."""

import pytest

HEAD = """
import ctypes, os, signal, subprocess, sys, time
from benchmark.contracts import Method, register
"""

ATTACK = '''

@register
class {title}(Method):
    """Attacks its process."""

    name = "{name}"

    def fit(self, view, kit):
        {code}
        yield
'''

ATTACKS = {
    "exits_0": "sys.exit(0)",
    "exits_3": "sys.exit(3)",
    "leaves_0": "os._exit(0)",
    "leaves_3": "os._exit(3)",
    "interrupts": "raise KeyboardInterrupt",
    "crashes": "ctypes.string_at(0)",
    "aborts": "os.abort()",
    "is_killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "sleeps": "time.sleep(1000)",
    "holds_the_lock": "ctypes.PyDLL(None).sleep(1000)",
    "ignores_terms": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)",
    "closes_pipes": "os.closerange(3, 256); raise ValueError('never heard of')",
    "takes_all_memory": "x = [bytearray(2**50)]",
    "prints": "print('said aloud' * 20_000); os.write(1, b'raw'); sys.stderr.write('more'); raise ValueError('said')",
    "spawns": "subprocess.Popen(['sleep', '1234.5']); os._exit(4)",
}


@pytest.fixture(scope="session")
def attacking(tmp_path_factory):
    """A plugin with every attack as a method."""
    path = tmp_path_factory.mktemp("attacks") / "attacks.py"
    methods = [
        ATTACK.format(title=name.title().replace("_", ""), name=name, code=code) for name, code in ATTACKS.items()
    ]
    path.write_text(HEAD + "".join(methods))
    return path
