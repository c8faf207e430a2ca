"""The journal of a run: nothing that was evaluated is ever lost.

A journal is a text file, one JSON object a line, that grows by a line with every answer.  Running
the same call again answers from the journal what it holds, and evaluates only what is new: the
descent takes the same way, bit for bit, and goes on where it was interrupted.

The first line says what defines the run:

.. code-block:: json

    {"skgd journal":1,"skgd":"0.1.0","numpy":"2.4.1","python":"3.11","seed":2634,
     "code":{"fun":"3a99f3740947d29b","jac":null},"constants":{"fun.k":50.0},"memory":{},
     "run":{"method":"gd_adam","fun":"lab.rate","x0":{},"direction":{}},"crc":"5e0c8d17"}

``seed`` is what random numbers are drawn from when ``rng`` is None, ``code`` a hash of the code of
the functions, ``constants`` and ``memory`` what they hold.  Each further line is an answer:

.. code-block:: json

    {"request":0,"position":2,"x":[1.0, 2.5],"value":0.125,"at":"0a1b2c3d","crc":"99c2ab4f"}

==============  ==================================================================================
``request``     the number of the request of the descent, from 0; ``"final"`` for the value at the
                average that is asked for after the end
``position``    which point of the request
``x``           the point; only up to 32 variables
``value``       the value there, or ``gradient``, its list.  Numbers round-trip exactly; those that
                are not finite are ``"nan"``, ``"inf"`` and ``"-inf"``, a complex one is a pair
``at``          a checksum of the point, by which a run that takes another way is noticed
``crc``         a checksum of the text so far, see `skgd.journal.file`
==============  ==================================================================================

So the file is a table of all evaluations, too, once the first line is dropped, which has no ``x``:
``pandas.read_json("run.jsonl", lines=True, precise_float=True).dropna(subset="x")``.
"""

from __future__ import annotations

from .identity import fingerprints, identity
from .record import Journal
from .state import held

__all__ = ["Journal", "fingerprints", "held", "identity"]
