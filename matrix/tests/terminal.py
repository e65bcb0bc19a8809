"""A real terminal around a command or a shell: what a person sees there, and what files do not get."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

LIMIT_S = 30  # a terminal that says nothing so long is stuck


class Terminal:
    """A process whose standard input, output and error are a terminal of 24 by 200."""

    def __init__(self, argv, env=None, cwd=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave,
                                        env=env, cwd=cwd, start_new_session=True)
        os.close(slave)
        self.said = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def read(self):
        """Some more of what it says; False at its end."""
        ready, _, _ = select.select([self.master], [], [], LIMIT_S)
        assert ready, f"says nothing more: {self.said!r}"
        try:
            some = os.read(self.master, 65536)
        except OSError:  # the last process at the other side has gone
            return False
        self.said += some.decode("utf-8", "replace")
        return bool(some)

    def until(self, text):
        """Reads until it has said `text`."""
        while text not in self.said:
            assert self.read(), f"ended without {text!r}: {self.said!r}"

    def type(self, keys):
        os.write(self.master, keys.encode())


def on_terminal(argv, env=None, cwd=None):
    """All that a command says on a terminal."""
    with Terminal(argv, env, cwd) as terminal:
        while terminal.read():
            pass
        return terminal.said
