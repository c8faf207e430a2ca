"""Kill processes in the middle of a run, again and again, and report how the last one ends.

A program of its own, because it forks.  ``python killing.py FOLDER SEED KILLS`` kills so many
times, and prints a line of JSON for each run: what an uninterrupted one finds, and what is found
after the kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resuming import bits, bowl

from skgd import METHODS, Descent

X0 = [1.0, -2.0, 0.5]
SCHEMES = "2-point", "3-point", "cs", "spsa"
OPTIONS = {"maxiter": 8, "history": True, "rng": 1}
KINDS = "serial", "mixed", "told"


class Victim:
    """A run, and the process that it dies in."""

    def __init__(self, folder, method, scheme):
        folder.mkdir()
        self.method, self.scheme = method, scheme
        self.journal = folder / "run.jsonl"
        self.count = folder / "count"
        self.outcome = folder / "outcome.json"
        self.evaluated = nothing

    def fun(self, x):
        """Count the call in a file, and take some time."""
        with self.count.open("ab", buffering=0) as file:
            file.write(b".")
        time.sleep(2e-4)
        value = bowl(x)
        self.evaluated()
        return value

    def serial(self, **options):
        """Run here."""
        options |= {"gradient": self.scheme, **OPTIONS}
        return METHODS[self.method](self.fun, X0, **options)

    def threads(self, **options):
        """Run on threads, made here: none lives through a fork."""
        with ThreadPoolExecutor(3) as pool:
            return self.serial(workers=pool, **options)

    def told(self, **options):
        """Run by ask and tell."""
        options |= {"gradient": self.scheme, **OPTIONS}
        opt = Descent(X0, method=self.method, **options)
        while not opt.done:
            x = opt.ask()[-1]
            opt.tell(self.fun(x), x)
        return opt.result()

    def evaluations(self):
        """Return how often the function was called since this was asked last."""
        count = self.count.stat().st_size
        self.count.unlink()
        return count

    def attempt(self, run, death):
        """Run in a process that may be killed; tell whether it came to its end."""
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                # Each death has another hook, which is no change of the function.
                death.prepare(self)
                self.outcome.write_text(written(run(journal=self.journal, trust_journal=True)))
                status = 0
            except BaseException:  # noqa: BLE001 - it must not get out of the child
                traceback.print_exc()
            finally:
                os._exit(status)
        death.strike(pid)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            sys.exit("the run has failed")
        return os.WIFEXITED(status)


def written(result):
    """Return the bits of a result as text."""
    return json.dumps(bits(result), default=bytes.hex)


def nothing():
    """Go on."""


def die():
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


class Life:
    """No death."""

    def __init__(self, rng):
        self.left = rng.randrange(1, 12)

    def prepare(self, victim):
        """Get ready to die, in the process that will."""

    def strike(self, pid):
        """Kill it, in the process that lives."""


class InEvaluation(Life):
    """Die in an evaluation."""

    def prepare(self, victim):
        victim.evaluated = self.count_down

    def count_down(self):
        self.left -= 1
        if self.left == 0:
            die()


class InLine(Life):
    """Die at some byte of a line that is being written."""

    def __init__(self, rng):
        super().__init__(rng)
        self.share = rng.random()

    def prepare(self, victim):
        write = os.write

        def torn(fd, data):
            self.left -= 1
            if self.left:
                return write(fd, data)
            write(fd, data[: int(self.share * (len(data) + 1))])
            return die()

        os.write = torn


class AnyTime(Life):
    """Be killed from outside."""

    def __init__(self, rng):
        self.delay = rng.uniform(0.0, 0.02)

    def strike(self, pid):
        time.sleep(self.delay)
        os.kill(pid, signal.SIGKILL)


class Orphaned(Life):
    """Leave a process behind, which must not hold the journal, and die."""

    def prepare(self, victim):
        victim.evaluated = self.leave

    def leave(self):
        self.left -= 1
        if self.left == 0:
            if os.fork():
                die()
            time.sleep(2)
            os._exit(0)


DEATHS = InEvaluation, InLine, AnyTime, Orphaned


def kill(folder, rng, most):
    """Kill a run until it has come to its end, or died so often; return what is known of it."""
    victim = Victim(folder, rng.choice(sorted(METHODS)), rng.choice(SCHEMES))
    kind = rng.choice(KINDS)
    runs = [victim.serial, victim.threads] if kind == "mixed" else [getattr(victim, kind)]
    expected = written(runs[0]())
    needed = victim.evaluations()
    killed, ended = 0, False
    while not ended and killed < most:
        ended = victim.attempt(rng.choice(runs), rng.choice(DEATHS)(rng))
        killed += not ended
    if not ended:
        victim.attempt(runs[0], Life(rng))
    return {
        "run": f"{victim.method} {victim.scheme} {kind}",
        "expected": expected,
        "result": victim.outcome.read_text(),
        "killed": killed,
        "repeated": victim.evaluations() - needed,
        # Threads may have finished a whole request that is not written yet.
        "repeatable": killed * (7 if kind == "mixed" else 1),
    }


def main(folder, seed, kills):
    """Kill so many times."""
    rng = random.Random(seed)
    number = 0
    while kills > 0:
        report = kill(Path(folder) / str(number), rng, min(kills, rng.randrange(1, 15)))
        print(json.dumps(report), flush=True)  # noqa: T201
        kills -= report["killed"]
        number += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
