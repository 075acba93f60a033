"""How much of the real Word forms is read as their truth files say: `score.py` of the shared forms, with every miss.

.venv/bin/python -m tests.scores.word
"""

from __future__ import annotations

from tests.scores.real import tell

if __name__ == "__main__":
    raise SystemExit(tell("word", ["word"]))
