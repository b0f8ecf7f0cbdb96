"""The real solver without its start-up: a parent that has imported it forks a child for each problem.

`warm.py serve SOCKET` waits; `warm.py SOCKET solve PROBLEM ...` hands its words and its standard error over and ends
as the child ends. Each problem is still solved in a process of its own, by the program itself.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path


def ask(address: str, words: list[str]) -> int:
    """Have the words run by a child of the server; return its exit code."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        socket.send_fds(line, [json.dumps([str(Path.cwd()), words]).encode()], [2])
        said = line.recv(16)
    return int(said or b"3")


def serve(address: str) -> None:
    """Fork a child for each problem until the socket's starter is gone."""
    import solver.stable
    import solver.welfare  # noqa: F401
    from solver import commands  # noqa: F401

    for name in ("ortools.sat.python.cp_model", "ortools.math_opt.python.mathopt", "scipy.optimize"):
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    starter = os.getppid()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(8)
        door.settimeout(2)
        while os.getppid() == starter:
            try:
                line, _ = door.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(120)
                _answer(line)


def _answer(line: socket.socket) -> None:
    said, fds, _, _ = socket.recv_fds(line, 65_536, 1)
    folder, words = json.loads(said)
    child = os.fork()
    if child == 0:
        _solve(folder, words, fds[0])
    for fd in fds:
        os.close(fd)
    _, status = os.waitpid(child, 0)
    line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _solve(folder: str, words: list[str], errors: int) -> None:
    """Be the solver: a forked process began when it was forked."""
    code = 3
    try:
        from solver import __main__ as program

        os.chdir(folder)
        os.dup2(errors, 2)
        code = program.main(words)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
